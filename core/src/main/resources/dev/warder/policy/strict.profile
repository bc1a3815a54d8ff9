# Computes on the file descriptors it is given, and does nothing else.
# Source: our own; the idea is seccomp's first mode (read, write, exit, sigreturn), widened by what a C library and its
# threads need.
description Computes on open file descriptors: no new files, sockets or processes
note The dynamic loader opens files, so only static programs run under it.
architectures native
default-action errno:EPERM
newer-action errno:ENOSYS

# The launcher starts the program with it; a program that is replaced by another gains nothing.
allow execve
allow exit exit_group restart_syscall rt_sigreturn sigreturn
# Open file descriptors: moving data, positions, waiting.
allow @basic-io
allow fcntl fcntl64 fstat fstat64 oldfstat fdatasync fsync ftruncate ftruncate64 fadvise64 fadvise64_64
allow arm_fadvise64_64 readahead splice tee vmsplice sendfile sendfile64 copy_file_range flock
allow poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
allow epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 pipe pipe2
# Questions about a terminal that is open already; anything else a device offers stays shut.
allow ioctl(cmd in [TCGETS, TIOCGWINSZ, FIONREAD]) --! Drives devices: among its thousands of requests are those that type into the terminal of the caller.
# Memory.
allow brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 munlock membarrier mseal
# Threads of the same process; a new process needs a call or flags that are missing here.
allow clone(clone_flags & CLONE_THREAD && !(clone_flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME))) -- Makes a process; this profile lets a program make threads of its own only.
allow futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue
allow get_robust_list set_robust_list set_tid_address gettid rseq rseq_slice_yield sched_yield
allow arch_prctl set_thread_area get_thread_area set_tls get_tls swapcontext map_shadow_stack uretprobe uprobe
allow cacheflush riscv_flush_icache riscv_hwprobe s390_guarded_storage sysmips cachectl atomic_barrier atomic_cmpxchg_32 breakpoint getpagesize
allow sched_getaffinity getcpu get_mempolicy
# Signals, within the process ids of the jail.
allow @signal
allow kill tkill tgkill pause wait4 waitid waitpid
# Time.
allow clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
allow gettimeofday nanosleep time times
allow @timer
# Who and where it is.
allow getpid getppid getpgid getpgrp getsid getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32
allow getresuid getresuid32 getresgid getresgid32 getgroups getgroups32 getrusage getrlimit ugetrlimit getrandom
allow prlimit64(new_rlim == 0) -- Changes resource limits, here or of another process; under this profile they can be read only.
allow uname olduname oldolduname sysinfo umask getcwd
