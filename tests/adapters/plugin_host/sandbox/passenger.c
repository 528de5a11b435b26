/* A library as a plugin's: it needs another one, and has a constructor. */
#include <math.h>
#include <signal.h>

__attribute__((visibility("default"))) int passenger_answer(double x);
__attribute__((visibility("default"))) int passenger_blocks_signals(void);

static int loaded;

__attribute__((constructor)) static void begin(void)
{
    loaded = 40;
}

int passenger_answer(double x)
{
    return loaded + (int)lround(cbrt(x));
}

/* As many libraries do it in their threads. */
int passenger_blocks_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    return pthread_sigmask(SIG_BLOCK, &all, NULL);
}
