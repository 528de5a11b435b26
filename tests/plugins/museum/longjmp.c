/* It jumps out of its call to a place that has gone. */
#include <setjmp.h>

#include "exhibit.h"

static jmp_buf place;

__attribute__((noinline)) static void leave(void)
{
    volatile char room[512];
    memset((char *)room, 1, sizeof(room));
    if (setjmp(place))
        abort();
}

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    (void)call;
    leave();
    longjmp(place, 1);
}

EXHIBIT;
