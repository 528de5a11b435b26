/* A server that is examined must not outlive a doctor that is interrupted. */
#include <signal.h>
#include <unistd.h>

#include "adapters/driving/doctor/peer_parts.h"

/* A handler has no other way to know; there is one peer at a time. */
static volatile sig_atomic_t guarded;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

/* SA_RESETHAND: the signal comes again when the handler returns, and then ends the process. */
static void end_both(int number)
{
    if (guarded > 0)
        kill(-(pid_t)guarded, SIGKILL);
    raise(number);
}

static void set_handlers(void (*handler)(int number), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, old;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

void guard_begin(pid_t pid)
{
    guarded = (sig_atomic_t)pid;
    set_handlers(end_both, (int)SA_RESETHAND);
}

void guard_end(void)
{
    set_handlers(SIG_DFL, 0);
    guarded = 0;
}
