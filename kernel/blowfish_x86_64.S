# Blowfish in lanes for every x86-64 processor: shifts and rotations write over what they shift, so there are copies.
#define WIDTHS 1, 2, 3, 4, 5, 6, 7, 8
#define LOOPED (lanes != 1)
#define KEYS r13
#include "blowfish_x86_64.inc"

.macro load_constant
.endm
.macro load_constant_soon
.endm
.macro take_byte_3 to, x32
  mov \to, \x32
  shr \to, 24
.endm
.macro take_byte_3_soon to, x32
  take_byte_3 \to, \x32
.endm
.macro bring_byte_1_down to, x32
  mov \to, \x32
  shr \to, 8
.endm
.macro rotate_16 to, x32
  mov \to, \x32
  ror \to, 16
.endm
.macro swap_halves x
  ror \x, 32
.endm

engine x86_64
