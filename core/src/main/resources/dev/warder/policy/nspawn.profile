# The filter of systemd-nspawn as it is today.
# Source: systemd, src/nspawn/nspawn-seccomp.c at 7412c16ef8e6 (262~devel, 2026-07-27), LGPL-2.1-or-later; the lists only.
description The allow list of today's systemd-nspawn: a whole operating system in a container
note Reaches io_uring, user namespaces, mounts and setns, as systemd-nspawn does; it confines a system, not a hostile program.
note process_vm_readv and process_vm_writev are allowed without CAP_SYS_PTRACE too, since @ipc holds both.
note fchroot and the other few calls that systemd does not list at all get EPERM here and ENOSYS there.
architectures family
default-action errno:EPERM
# A call outside systemd's own @known gets ENOSYS there.
unassigned-action errno:ENOSYS
newer-action errno:ENOSYS

allow @aio @basic-io @chown @default @file-system @io-event @ipc @keyring @mount @network-io @process @resources
allow @setuid @signal @sync @timer
allow arm_fadvise64_64 brk cachestat capget capset copy_file_range fadvise64 fadvise64_64 flock get_mempolicy getcpu
allow getpriority getrandom ioctl ioprio_get kcmp madvise mincore mprotect mremap name_to_handle_at oldolduname
allow olduname personality readahead readdir remap_file_pages sched_get_priority_max sched_get_priority_min
allow sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
allow sched_rr_get_interval_time64 sched_yield sendfile sendfile64 setdomainname setfsgid setfsgid32 setfsuid
allow setfsuid32 sethostname setpgid setsid splice sysinfo tee umask uname userfaultfd vmsplice

allow[CAP_SYS_TIME] @clock
allow[CAP_SYS_MODULE] @module
allow[CAP_SYS_RAWIO] @raw-io
allow[CAP_IPC_LOCK] @memlock
allow[CAP_SYS_PACCT] acct
allow[CAP_SYS_PTRACE] process_vm_readv process_vm_writev ptrace
allow[CAP_SYS_BOOT] reboot
allow[CAP_SYSLOG] syslog
allow[CAP_SYS_TTY_CONFIG] vhangup
allow[CAP_BPF] bpf

deny socket(domain == AF_NETLINK && protocol == NETLINK_AUDIT) -> EAFNOSUPPORT -- The audit subsystem does not know of containers; told that the family is unsupported, login programs carry on without it.

# Left out on purpose there:
#   @cpu-emulation @obsolete @pkey @swap fanotify_init fanotify_mark kexec_file_load kexec_load lookup_dcookie
#   nfsservctl open_by_handle_at perf_event_open quotactl
