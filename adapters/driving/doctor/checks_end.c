/* The end of a session. */
#include <signal.h>

#include "adapters/driving/doctor/checks.h"

/* Children that end with the server need a moment. */
#define ORPHAN_MS 1000

static void look_for_orphans(struct examination *x, struct peer *peer)
{
    x->orphan_count = peer_orphans(peer, ORPHAN_MS, x->orphans, sizeof(x->orphans));
    x->orphans_known = true;
}

static struct peer *any_session(struct examination *x)
{
    return serves_legacy(x) ? legacy_session(x) : modern_session(x);
}

void check_eof(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = any_session(x);
    char ending[80];
    if (!peer)
        return;
    peer_close_input(peer);
    enum waited waited = peer_wait_end(peer, x->what->timeout_ms);
    peer_ending(peer, ending, sizeof(ending));
    if (waited != WAIT_DONE)
        find(x, DOCTOR_ERROR, "it still runs %g s after its standard input ended",
             x->what->timeout_ms / 1000.0);
    else if (peer_crashed(peer))
        find(x, DOCTOR_ERROR, "when its standard input ended, %s", ending);
    else
        look_for_orphans(x, peer);
    end_run(x);
}

void check_orphans(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = x->orphans_known ? NULL : any_session(x);
    if (peer) {
        peer_close_input(peer);
        if (peer_wait_end(peer, x->what->timeout_ms) == WAIT_DONE)
            look_for_orphans(x, peer);
        end_run(x);
    }
    if (!x->orphans_known)
        skip(x, "the server did not end by itself");
    else if (x->orphan_count)
        find(x, DOCTOR_ERROR, "%zu left after the server had ended: %s", x->orphan_count,
             x->orphans);
}

void check_sigterm(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = any_session(x);
    if (!peer)
        return;
    peer_signal(peer, SIGTERM);
    if (peer_wait_end(peer, x->what->timeout_ms) != WAIT_DONE)
        find(x, DOCTOR_ERROR, "it still runs %g s after SIGTERM", x->what->timeout_ms / 1000.0);
    end_run(x);
}
