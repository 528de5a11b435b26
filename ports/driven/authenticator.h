/* Who somebody is that comes over the network, by what they bring. All [loop]. */
#pragma once

#include "ports/context.h"

enum credential_verdict {
    CREDENTIALS_OK,
    CREDENTIALS_MISSING,      /* there were none, and they are needed                            */
    CREDENTIALS_MALFORMED,    /* the header is no credentials at all                             */
    CREDENTIALS_INVALID,      /* unknown, revoked, expired, for somebody else, badly signed      */
    CREDENTIALS_INSUFFICIENT, /* true, but they do not allow to use this server                  */
    CREDENTIALS_UNAVAILABLE,  /* they cannot be checked now: try again later                     */
};

/* Borrowed until the callback returns. */
struct credential_answer {
    enum credential_verdict verdict;
    struct caller caller; /* CREDENTIALS_OK */
    struct str why;       /* otherwise: a sentence for the client that gives away no secret */
    struct str scope;     /* scopes that would be needed, separated by spaces; may be empty */
};

struct authenticator {
    void *ctx;

    /* Calls done(arg, answer) exactly once, before it returns or later. `authorization` is the value
     * of the Authorization header, empty if there was none; borrowed until return. */
    void (*check)(void *ctx, struct str authorization,
                  void (*done)(void *arg, const struct credential_answer *answer), void *arg);

    /* Without them nobody is let in. */
    bool (*needs_credentials)(void *ctx);

    /* What WWW-Authenticate says beside the error: e.g. resource_metadata="https://...". May be
     * empty. Lives as long as the authenticator. */
    struct str (*challenge)(void *ctx);
};
