/* It completes its call from a thread, long after it was given up. */
#include "exhibit.h"

static void *later(void *arg)
{
    hexmcp_call call = *(hexmcp_call *)arg;
    free(arg);
    sleep(30);
    good(call);
    return NULL;
}

static int32_t bad(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    (void)args;
    (void)err;
    pthread_t thread;
    hexmcp_call *kept = malloc(sizeof(*kept));
    *kept = call;
    pthread_create(&thread, NULL, later, kept);
    pthread_detach(thread);
    return HEXMCP_PENDING;
}

EXHIBIT;
