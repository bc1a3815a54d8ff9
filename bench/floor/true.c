/* The cheapest program there is: what a launch costs beyond it is the launcher's. */
__asm__(".globl _start\n_start: mov $231, %eax\nxor %edi, %edi\nsyscall\n");
