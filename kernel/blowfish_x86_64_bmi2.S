# Blowfish in lanes for processors with BMI2 whose pext is fast.
#define WIDTHS 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
#define LOOPED (lanes != 1 && lanes != 4 && lanes != 10)
#define KEYS rsi
#include "blowfish_x86_64.inc"

# pext with the mask of byte 3; or, where three cycles are too long to wait, a shift, which takes one.
.macro load_constant
  mov r13d, 0xff000000
.endm
.macro take_byte_3 to, x32
  pext \to, \x32, r13d
.endm
.macro load_constant_soon
  mov r13d, 24
.endm
.macro take_byte_3_soon to, x32
  shrx \to, \x32, r13d
.endm
.macro bring_byte_1_down to, x32
  rorx \to, \x32, 8
.endm
.macro rotate_16 to, x32
  rorx \to, \x32, 16
.endm
.macro swap_halves x
  rorx \x, \x, 32
.endm

engine x86_64_bmi2
