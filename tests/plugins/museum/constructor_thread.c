/* Its constructor starts a thread. */
#include "exhibit.h"

static void *sleep_on(void *arg)
{
    for (;;)
        pause();
    return arg;
}

BAD_IS_GOOD

__attribute__((constructor)) static void begin(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sleep_on, NULL);
}

EXHIBIT;
