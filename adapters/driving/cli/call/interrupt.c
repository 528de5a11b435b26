#include "adapters/driving/cli/call/interrupt.h"

#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/command.h"

/* A signal handler reaches nothing but what is static. */
static volatile sig_atomic_t seen;
static uv_async_t wake;
static struct sigaction before;
static void (*told)(void *arg);
static void *told_arg;

static void on_signal(int number)
{
    (void)number;
    if (seen)
        _exit(EXIT_INTERRUPTED);
    seen = 1;
    uv_async_send(&wake);
}

static void on_wake(uv_async_t *handle)
{
    (void)handle;
    told(told_arg);
}

static void on_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

int interrupt_begin(struct loop *loop, void (*fn)(void *arg), void *arg, struct error *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    seen = 0;
    told = fn;
    told_arg = arg;
    if (uv_async_init(loop_uv(loop), &wake, on_wake))
        return error_set(err, ST_NOMEM, "Ctrl-C cannot be watched: too few descriptors or memory");
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL);
    return ST_OK;
}

void interrupt_end(struct loop *loop)
{
    bool closed = false;
    sigaction(SIGINT, &before, NULL);
    wake.data = &closed;
    uv_close((uv_handle_t *)&wake, on_closed);
    while (!closed)
        loop_turn(loop);
}

bool interrupt_seen(void)
{
    return seen != 0;
}
