/* Where things stand in the key schedules that assembly works on: included by blowfish_x86_64.hpp and by the assembler,
 * so numbers only, and macros. */
/* NOLINTBEGIN(modernize-macro-to-enum) */
#define LANECRYPT_BOX_BYTES 1024  /* one S box of one lane: 256 words */
#define LANECRYPT_LANE_BYTES 4096 /* the four of a lane; lane 0 stands first */
#define LANECRYPT_PAIRS 9         /* P of all lanes behind the boxes, as pairs of words */
/* NOLINTEND(modernize-macro-to-enum) */
