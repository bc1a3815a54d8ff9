# The allow list of capejail.
# Source: capeprivacy/capejail, seccomp.c at 9371035754ed (2022-12-15) and SYSCALLS.md, Apache-2.0; the lists only.
description The allow list of capejail: user functions in an enclave, killed at any other call
note io_uring is allowed, and a ring performs calls that the list blocks, such as symlinkat.
note pidfd_open is on the list, though the document counts it among the blocked calls.
note clone, clone3 and unshare are allowed with any flags, so a program may enter a new user namespace.
note Sockets are allowed of any family, AF_VSOCK and AF_NETLINK among them.
note adjtime and __clone2, two of the 92 calls that the document blocks, are no calls of the kernel.
architectures native
default-action kill
newer-action kill

allow access alarm arch_prctl bind brk capget chdir chmod chown clock_getres clock_gettime clock_nanosleep clone
allow clone3 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
allow epoll_ctl_old epoll_pwait epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat
allow faccessat2 fadvise64 fallocate fanotify_init fanotify_mark fchdir fcntl fdatasync fgetxattr flistxattr flock
allow fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex get_mempolicy get_robust_list get_thread_area
allow getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid
allow getppid getpriority getrandom getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
allow getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
allow io_setup io_submit io_uring_enter io_uring_register io_uring_setup ioctl ioprio_get ioprio_set kill lchown
allow lgetxattr listxattr llistxattr lookup_dcookie lremovexattr lseek lsetxattr lstat madvise mbind membarrier
allow memfd_create memfd_secret mincore mkdir mkdirat mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr
allow mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock
allow munlockall munmap name_to_handle_at nanosleep newfstatat open open_by_handle_at openat openat2 pause personality
allow pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv
allow prlimit64 process_madvise pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom
allow recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction
allow rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
allow sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
allow sched_rr_get_interval sched_setaffinity sched_yield select semctl semget semop semtimedop sendfile sendmmsg
allow sendmsg sendto set_mempolicy set_robust_list set_thread_area set_tid_address setitimer setpgid setsid setxattr
allow shmat shmctl shmdt shmget sigaltstack signal signalfd signalfd4 socket socketpair splice stat statfs statx sysfs
allow sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
allow timerfd_gettime timerfd_settime times tkill truncate umask uname unlink unlinkat unshare uselib userfaultfd
allow ustat utime utimensat utimes vfork vhangup vmsplice wait4 waitid write writev
