/* Where things stand in the key schedule that assembly works on: included by blowfish_x86_64.hpp and by the assembler,
 * so numbers only. */
#define LANECRYPT_BOX_BYTES 1024                       /* one S box of one lane: 256 words */
#define LANECRYPT_LANE_BYTES (4 * LANECRYPT_BOX_BYTES) /* the S boxes of a lane; lane 0 stands first */
#define LANECRYPT_PAIRS 9                              /* P of all lanes behind the boxes, as pairs of words */
