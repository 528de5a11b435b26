/* A library as a plugin's: it needs another one, and has a constructor. */
#include <math.h>

__attribute__((visibility("default"))) int passenger_answer(double x);

static int loaded;

__attribute__((constructor)) static void begin(void)
{
    loaded = 40;
}

int passenger_answer(double x)
{
    return loaded + (int)lround(cbrt(x));
}
