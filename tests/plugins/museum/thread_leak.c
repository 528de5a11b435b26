/* It starts a thread in start and does not join it in stop. */
#include "exhibit.h"

BAD_IS_GOOD

static void *sleep_on(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static int32_t start(void *self, hexmcp_error *err)
{
    pthread_t thread;
    (void)self;
    (void)err;
    pthread_create(&thread, NULL, sleep_on, NULL);
    return HEXMCP_OK;
}

EXHIBIT_WITH(exhibit_init, exhibit_interface, start, NULL, exhibit_destroy);
