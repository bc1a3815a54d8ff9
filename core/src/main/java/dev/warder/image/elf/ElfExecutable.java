package dev.warder.image.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A static ELF64 executable of three program headers: read-only data with code, writable zeroes, a stack that cannot be
/// executed. No sections, no interpreter, nothing both writable and executable.
///
/// Source: elf(5), man-pages 6.9; `include/uapi/linux/elf.h`, Linux 7.3.
///
/// @param machine `e_machine`
/// @param data read-only bytes, loaded at [#DATA_ADDRESS]
/// @param code machine code, entered at its first byte; loaded right behind the data at [#codeAddress]
/// @param writableBytes zeroes loaded at [#WRITABLE_ADDRESS]
public record ElfExecutable(int machine, byte[] data, byte[] code, int writableBytes) {
  public static final int EM_X86_64 = 62;
  public static final int EM_AARCH64 = 183;

  private static final int BASE = 0x400000;
  private static final int HEADER_BYTES = 64;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int PROGRAM_HEADERS = 3;
  private static final int DATA_OFFSET = HEADER_BYTES + PROGRAM_HEADERS * PROGRAM_HEADER_BYTES;
  private static final int PAGE = 0x1000;

  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;

  public static final int DATA_ADDRESS = BASE + DATA_OFFSET;
  public static final int WRITABLE_ADDRESS = 0x800000;

  /// Where code behind this much data is loaded; code starts 16-byte aligned.
  public static int codeAddress(int dataBytes) {
    return (DATA_ADDRESS + dataBytes + 15) & -16;
  }

  public byte[] bytes() {
    int codeOffset = codeAddress(data.length) - BASE;
    int fileBytes = codeOffset + code.length;
    if (BASE + fileBytes > WRITABLE_ADDRESS) {
      throw new IllegalArgumentException("image too large: " + fileBytes + " bytes");
    }
    var out = ByteBuffer.allocate(fileBytes).order(ByteOrder.LITTLE_ENDIAN);
    putHeader(out, BASE + codeOffset);
    putProgramHeader(out, PT_LOAD, PF_R | PF_X, BASE, fileBytes, fileBytes, PAGE);
    putProgramHeader(out, PT_LOAD, PF_R | PF_W, WRITABLE_ADDRESS, 0, writableBytes, PAGE);
    putProgramHeader(out, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
    return out.put(data).position(codeOffset).put(code).array();
  }

  private void putHeader(ByteBuffer out, long entry) {
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);    // 64-bit, little-endian, version 1, System V
    out.putShort((short) 2).putShort((short) machine).putInt(1)           // ET_EXEC
        .putLong(entry).putLong(HEADER_BYTES).putLong(0)                  // e_entry, e_phoff, e_shoff
        .putInt(0).putShort((short) HEADER_BYTES)                         // e_flags, e_ehsize
        .putShort((short) PROGRAM_HEADER_BYTES).putShort((short) PROGRAM_HEADERS)
        .putShort((short) 0).putShort((short) 0).putShort((short) 0);     // no sections
  }

  /// One `Elf64_Phdr`. Segments start at file offset 0 or hold no file bytes.
  private static void putProgramHeader(
      ByteBuffer out, int type, int flags, long address, long fileBytes, long memoryBytes, long align) {
    out.putInt(type).putInt(flags).putLong(0)
        .putLong(address).putLong(address)
        .putLong(fileBytes).putLong(memoryBytes).putLong(align);
  }
}
