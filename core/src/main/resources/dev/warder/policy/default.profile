# What `warder run` uses: ordinary programs run, known ways out of a jail are closed.
# Source: our own, over systemd's sets; measured with the system calls of python3, node, java, gcc, git, perl, bash, tar,
# sqlite3, make and openssl. Sets that mix useful and dangerous calls (@aio, @ipc, @process, @mount, @network-io) are spelt out, and nothing
# is denied without a condition, so that a list of the user's can still allow more.
description Ordinary programs on their own files, sockets and processes
architectures family
default-action errno:EPERM
newer-action errno:ENOSYS

allow @basic-io @chown @default @io-event @memlock @pkey @setuid @signal @sync @timer

# Of @file-system all but open_tree, which can take a mount, and device nodes.
allow access chdir chmod close creat faccessat faccessat2 fallocate fchdir fchmod fchmodat fchmodat2 fcntl fcntl64
allow fgetxattr file_getattr file_setattr flistxattr fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64
allow ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat inotify_add_watch inotify_init
allow inotify_init1 inotify_rm_watch lgetxattr link linkat listmount listxattr listxattrat llistxattr lremovexattr
allow lsetxattr lstat lstat64 mkdir mkdirat newfstatat oldfstat oldlstat oldstat open openat openat2 readlink
allow readlinkat removexattr removexattrat rename renameat renameat2 rmdir setxattr setxattrat stat stat64 statfs
allow statfs64 statmount statx symlink symlinkat truncate truncate64 unlink unlinkat utime utimensat utimensat_time64
allow utimes
allow mknod(mode & S_IFMT in [0, S_IFREG, S_IFIFO, S_IFSOCK]) --! Makes a device node: a name for a disk or the kernel's memory that no folder permission guards. Pipes, sockets and plain files are fine.
allow mknodat(mode & S_IFMT in [0, S_IFREG, S_IFIFO, S_IFSOCK]) --! Makes a device node: a name for a disk or the kernel's memory that no folder permission guards. Pipes, sockets and plain files are fine.
allow arm_fadvise64_64 arm_sync_file_range cachestat copy_file_range fadvise64 fadvise64_64 flock name_to_handle_at
allow readahead readdir sendfile sendfile64 splice tee umask vmsplice

# Asynchronous I/O by the old interface; io_uring makes calls behind the filter's back.
allow io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit

# Of @ipc all but what reaches into another process. `ipc` itself is split into the calls it stands for.
allow ipc memfd_create mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
allow mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2 semctl semget semop semtimedop
allow semtimedop_time64 shmat shmctl shmdt shmget

# Sockets of the usual families. Of @network-io, `socketcall` is split into the calls it stands for.
allow socket(domain in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]) --! Opens a socket of a rare family. Many of them reach past the network namespace (AF_VSOCK) or lead into kernel code that programs seldom use and exploits often do (AF_ALG, AF_PACKET).
allow socketpair(domain in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK]) --! Opens a pair of sockets of a rare family, whose kernel code programs seldom use and exploits often do.
deny socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT) -> EAFNOSUPPORT -- The audit subsystem knows no jails; told that the family is unsupported, login programs carry on without it.
allow accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64
allow recvmsg send sendmmsg sendmmsg sendmsg sendto setsockopt shutdown socketcall

# Processes, without new namespaces. clone3 hides its flags, so it answers ENOSYS and libraries use clone.
allow clone(!(clone_flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME))) --! Makes a process in new namespaces. In a user namespace of its own a program holds every capability, and with them reaches mounts, netfilter and other kernel code kept for root.
allow unshare(!(unshare_flags & ~(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM))) --! Moves into new namespaces. In a user namespace of its own a program holds every capability, and with them reaches mounts, netfilter and other kernel code kept for root.
allow capget capset execveat fork getrusage kill pidfd_open pidfd_send_signal prctl process_mrelease rt_sigqueueinfo
allow rt_tgsigqueueinfo swapcontext tgkill times tkill vfork wait4 waitid waitpid
allow setpgid setsid setfsgid setfsgid32 setfsuid setfsuid32 getpriority
allow personality(persona in [0, 8, 0x20000, 0x20008, 0xffffffff]) -- Changes how the kernel treats the program: no address randomisation, data that can be executed, pages at address 0. Each makes an exploit easier. Plain Linux, 32-bit Linux and asking are fine.

# Memory and scheduling, of the program itself.
allow get_mempolicy getcpu ioprio_get ioprio_set madvise map_shadow_stack mbind memfd_secret mincore mremap nice
allow remap_file_pages rseq_slice_yield sched_get_priority_max sched_get_priority_min sched_getattr sched_getparam
allow sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
allow sched_setparam sched_setscheduler set_mempolicy set_mempolicy_home_node setpriority setrlimit
allow futex_requeue futex_wait futex_wake

# Terminals and devices, without the two requests that type into the terminal of the caller.
allow ioctl(cmd != TIOCSTI && cmd != TIOCLINUX) --! Types into a terminal (TIOCSTI) or pastes a console's selection into it (TIOCLINUX), as if the caller's own hands had: what stands there runs outside the jail.

# What the machine is.
allow oldolduname olduname sysinfo uname getpagesize
allow atomic_barrier atomic_cmpxchg_32 breakpoint cachectl get_tls s390_guarded_storage s390_sthyi sysmips uprobe
allow usr26 usr32

# By capability: the call needs it anyway, and does nothing beyond what the name says.
allow[CAP_SYS_TIME] @clock stime
allow[CAP_SYS_NICE] migrate_pages move_pages
allow[CAP_SYS_PACCT] acct
allow[CAP_SYS_TTY_CONFIG] vhangup
allow[CAP_SYSLOG] syslog
allow[CAP_SYS_ADMIN] sethostname setdomainname
