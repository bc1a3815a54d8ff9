package dev.warder.catalog;

import java.util.Optional;

/// An error number by its kernel name.
///
/// Source: `include/uapi/asm-generic/errno.h` and `arch/{mips,powerpc}/include/uapi/asm/errno.h`, Linux 7.3.
public enum Errno {
  EPERM(1),
  ENOENT(2),
  ESRCH(3),
  EINTR(4),
  EIO(5),
  ENXIO(6),
  E2BIG(7),
  ENOEXEC(8),
  EBADF(9),
  ECHILD(10),
  EAGAIN(11),
  ENOMEM(12),
  EACCES(13),
  EFAULT(14),
  ENOTBLK(15),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENODEV(19),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  EMFILE(24),
  ENOTTY(25),
  ETXTBSY(26),
  EFBIG(27),
  ENOSPC(28),
  ESPIPE(29),
  EROFS(30),
  EMLINK(31),
  EPIPE(32),
  EDOM(33),
  ERANGE(34),
  EDEADLK(35, 45),
  /// Another name of [#EDEADLK], but with a number of its own on PowerPC (58) and MIPS.
  EDEADLOCK(35, 56),
  ENAMETOOLONG(36, 78),
  ENOLCK(37, 46),
  ENOSYS(38, 89),
  ENOTEMPTY(39, 93),
  ELOOP(40, 90),
  ENOMSG(42, 35),
  EIDRM(43, 36),
  ECHRNG(44, 37),
  EL2NSYNC(45, 38),
  EL3HLT(46, 39),
  EL3RST(47, 40),
  ELNRNG(48, 41),
  EUNATCH(49, 42),
  ENOCSI(50, 43),
  EL2HLT(51, 44),
  EBADE(52, 50),
  EBADR(53, 51),
  EXFULL(54, 52),
  ENOANO(55, 53),
  EBADRQC(56, 54),
  EBADSLT(57, 55),
  EBFONT(59),
  ENOSTR(60),
  ENODATA(61),
  ETIME(62),
  ENOSR(63),
  ENONET(64),
  ENOPKG(65),
  EREMOTE(66),
  ENOLINK(67),
  EADV(68),
  ESRMNT(69),
  ECOMM(70),
  EPROTO(71),
  EMULTIHOP(72, 74),
  EDOTDOT(73),
  EBADMSG(74, 77),
  EOVERFLOW(75, 79),
  ENOTUNIQ(76, 80),
  EBADFD(77, 81),
  EREMCHG(78, 82),
  ELIBACC(79, 83),
  ELIBBAD(80, 84),
  ELIBSCN(81, 85),
  ELIBMAX(82, 86),
  ELIBEXEC(83, 87),
  EILSEQ(84, 88),
  ERESTART(85, 91),
  ESTRPIPE(86, 92),
  EUSERS(87, 94),
  ENOTSOCK(88, 95),
  EDESTADDRREQ(89, 96),
  EMSGSIZE(90, 97),
  EPROTOTYPE(91, 98),
  ENOPROTOOPT(92, 99),
  EPROTONOSUPPORT(93, 120),
  ESOCKTNOSUPPORT(94, 121),
  EOPNOTSUPP(95, 122),
  EPFNOSUPPORT(96, 123),
  EAFNOSUPPORT(97, 124),
  EADDRINUSE(98, 125),
  EADDRNOTAVAIL(99, 126),
  ENETDOWN(100, 127),
  ENETUNREACH(101, 128),
  ENETRESET(102, 129),
  ECONNABORTED(103, 130),
  ECONNRESET(104, 131),
  ENOBUFS(105, 132),
  EISCONN(106, 133),
  ENOTCONN(107, 134),
  ESHUTDOWN(108, 143),
  ETOOMANYREFS(109, 144),
  ETIMEDOUT(110, 145),
  ECONNREFUSED(111, 146),
  EHOSTDOWN(112, 147),
  EHOSTUNREACH(113, 148),
  EALREADY(114, 149),
  EINPROGRESS(115, 150),
  ESTALE(116, 151),
  EUCLEAN(117, 135),
  ENOTNAM(118, 137),
  ENAVAIL(119, 138),
  EISNAM(120, 139),
  EREMOTEIO(121, 140),
  EDQUOT(122, 1133),
  ENOMEDIUM(123, 159),
  EMEDIUMTYPE(124, 160),
  ECANCELED(125, 158),
  ENOKEY(126, 161),
  EKEYEXPIRED(127, 162),
  EKEYREVOKED(128, 163),
  EKEYREJECTED(129, 164),
  EOWNERDEAD(130, 165),
  ENOTRECOVERABLE(131, 166),
  ERFKILL(132, 167),
  EHWPOISON(133, 168),
  EFTYPE(134, 169),
  EINIT(141),
  EREMDEV(142);

  private final int number;
  private final int mipsNumber;

  Errno(int number) {
    this(number, number);
  }

  Errno(int number, int mipsNumber) {
    this.number = number;
    this.mipsNumber = mipsNumber;
  }

  /// The number on x86, and on all others but MIPS and, for [#EDEADLOCK], PowerPC.
  public int number() {
    return number;
  }

  /// The number that a program of this architecture sees.
  public int number(Arch arch) {
    return switch (arch) {
      case MIPS64, MIPSEL64, MIPS64N32, MIPSEL64N32, MIPS, MIPSEL -> mipsNumber;
      case PPC64LE, PPC64 -> this == EDEADLOCK ? 58 : number;
      default -> number;
    };
  }

  /// The error with this name, also by its second name (`EWOULDBLOCK` is `EAGAIN`).
  public static Optional<Errno> named(String name) {
    String canonical = switch (name) {
      case "EWOULDBLOCK" -> "EAGAIN";
      case "EFSBADCRC" -> "EBADMSG";
      case "EFSCORRUPTED" -> "EUCLEAN";
      case "ENOTSUP" -> "EOPNOTSUPP";
      default -> name;
    };
    for (Errno errno : values()) {
      if (errno.name().equals(canonical)) {
        return Optional.of(errno);
      }
    }
    return Optional.empty();
  }

  /// The error with this number on every architecture but MIPS.
  public static Optional<Errno> of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return Optional.of(errno);
      }
    }
    return Optional.empty();
  }
}
