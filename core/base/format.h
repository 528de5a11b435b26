/* For printf: what <inttypes.h> would give; 32 bits are %u and %x. */
#pragma once

#if __SIZEOF_LONG__ == 8
#define FORMAT_U64 "lu"
#define FORMAT_X64 "lx"
#else
#define FORMAT_U64 "llu"
#define FORMAT_X64 "llx"
#endif
