# The first allow list of systemd-nspawn.
# Source: systemd, src/nspawn/nspawn-seccomp.c and src/shared/seccomp-util.c at 96bedbe2e530 (2017-09-14, first release v235),
# LGPL-2.1-or-later; the lists only. The sets are those of that commit, so they stand here.
description The allow list of systemd-nspawn v235, with the sets of its time
note process_vm_readv and process_vm_writev are allowed without CAP_SYS_PTRACE too, since @ipc holds both.
note Calls made since 2017, such as openat2 and clone3, are not on it, and get EPERM: programs that expect ENOSYS may fail.
architectures family
default-action errno:EPERM
newer-action errno:EPERM

set @basic-io _llseek close dup dup2 dup3 lseek pread64 preadv pwrite64 pwritev read readv write writev
set @clock adjtimex clock_adjtime clock_settime settimeofday stime
set @credentials capget getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp
set @credentials getpid getppid getresgid getresgid32 getresuid getresuid32 getsid gettid getuid getuid32
set @default clock_getres clock_gettime clock_nanosleep execve exit exit_group futex get_robust_list get_thread_area
set @default getrlimit gettimeofday membarrier nanosleep pause restart_syscall rt_sigreturn set_robust_list
set @default set_thread_area set_tid_address sigreturn time
set @file-system access chdir chmod close creat faccessat fallocate fchdir fchmod fchmodat fcntl fcntl64 fgetxattr
set @file-system flistxattr fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 ftruncate ftruncate64
set @file-system futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
set @file-system inotify_rm_watch lgetxattr link linkat listxattr llistxattr lremovexattr lsetxattr lstat lstat64
set @file-system mkdir mkdirat mknod mknodat mmap mmap2 munmap newfstatat oldfstat oldlstat oldstat open openat
set @file-system readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat stat64 statfs statfs64
set @file-system statx symlink symlinkat truncate truncate64 unlink unlinkat utime utimensat utimes
set @io-event _newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_wait epoll_wait_old
set @io-event eventfd eventfd2 poll ppoll pselect6 select
set @ipc ipc memfd_create mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv
set @ipc msgsnd pipe pipe2 process_vm_readv process_vm_writev semctl semget semop semtimedop shmat shmctl shmdt shmget
set @memlock mlock mlock2 mlockall munlock munlockall
set @module delete_module finit_module init_module
set @mount chroot mount pivot_root umount umount2
set @network-io accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmsg
set @network-io send sendmmsg sendmsg sendto setsockopt shutdown socket socketcall socketpair
set @process arch_prctl clone execveat fork getpid getppid getrusage gettid kill prctl rt_sigqueueinfo
set @process rt_tgsigqueueinfo setns tgkill times tkill unshare vfork wait4 waitid waitpid
set @raw-io ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read s390_pci_mmio_write
set @resources ioprio_set mbind migrate_pages move_pages nice prlimit64 sched_setaffinity sched_setattr sched_setparam
set @resources sched_setscheduler set_mempolicy setpriority setrlimit
set @setuid setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32
set @setuid setreuid setreuid32 setuid setuid32
set @signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigsuspend rt_sigtimedwait sigaction sigaltstack signal
set @signal signalfd signalfd4 sigpending sigprocmask sigsuspend
set @timer alarm getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_settime
set @timer timerfd_create timerfd_gettime timerfd_settime times

allow @basic-io @credentials @default @file-system @io-event @ipc @mount @network-io @process @resources @setuid
allow @signal @timer
allow brk capset chown chown32 copy_file_range fadvise64 fadvise64_64 fchown fchown32 fchownat fdatasync flock fsync
allow get_mempolicy getcpu getpriority getrandom io_cancel io_destroy io_getevents io_setup io_submit ioctl ioprio_get
allow kcmp lchown lchown32 madvise mincore mprotect mremap msync name_to_handle_at oldolduname olduname personality
allow preadv2 pwritev2 readahead readdir remap_file_pages sched_get_priority_max sched_get_priority_min
allow sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_yield seccomp
allow sendfile sendfile64 setdomainname setfsgid setfsgid32 setfsuid setfsuid32 sethostname setpgid setsid splice sync
allow sync_file_range syncfs sysinfo tee ugetrlimit umask uname userfaultfd vmsplice

allow[CAP_SYS_TIME] @clock
allow[CAP_SYS_MODULE] @module
allow[CAP_SYS_RAWIO] @raw-io
allow[CAP_IPC_LOCK] @memlock
allow[CAP_SYS_PACCT] acct
allow[CAP_SYS_PTRACE] process_vm_readv process_vm_writev ptrace
allow[CAP_SYS_BOOT] reboot
allow[CAP_SYSLOG] syslog
allow[CAP_SYS_TTY_CONFIG] vhangup

deny socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT) -> EAFNOSUPPORT -- The audit subsystem does not know of containers; told that the family is unsupported, login programs carry on without it.

# Left out on purpose there:
#   @cpu-emulation @keyring @obsolete @swap bpf fanotify_init fanotify_mark kexec_file_load kexec_load lookup_dcookie
#   nfsservctl open_by_handle_at perf_event_open pkey_alloc pkey_free pkey_mprotect quotactl
