/*
 * SPDX-License-Identifier: MIT
 */
#include "signing.h"

#include <sys/random.h>
#include <time.h>

#include "kit/secret.h"

enum scheme { SCHEME_TIMESTAMP, SCHEME_BODY, SCHEME_STANDARD };

static void make_id(struct args *args, char out[48])
{
    unsigned char random[16];
    size_t at = (size_t)snprintf(out, 48, "msg_");
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        args_fail(args, HEXMCP_E_UNAVAILABLE,
                  "there are no random bytes for an idempotency key; give idempotency_key");
        return;
    }
    for (size_t i = 0; i < sizeof(random); i++)
        at += (size_t)snprintf(out + at, 48 - at, "%02x", random[i]);
}

void delivery_begin(struct args *args, struct delivery *delivery)
{
    const char *given = args_text(args, "idempotency_key", 40, "");
    for (const char *c = given; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            args_fail(args, HEXMCP_E_INVALID, "idempotency_key is not of printable ASCII without spaces; "
                      "correct it");
    snprintf(delivery->id, sizeof(delivery->id), "%s", given);
    if (!*given)
        make_id(args, delivery->id);
    snprintf(delivery->timestamp, sizeof(delivery->timestamp), "%lld", (long long)time(NULL));
}

/* What is signed before the body. */
static void signed_text(enum scheme scheme, const struct delivery *d, char out[80])
{
    if (scheme == SCHEME_TIMESTAMP)
        snprintf(out, 80, "%s.", d->timestamp);
    else if (scheme == SCHEME_STANDARD)
        snprintf(out, 80, "%s.%s.", d->id, d->timestamp);
    else
        out[0] = '\0';
}

static void put_signature(const hexmcp_round *r, struct args *args, const struct delivery *d,
                          struct headers *h)
{
    static const char *const schemes[] = {"timestamp", "body", "standard-webhooks", NULL};
    static const char *const encodings[] = {"hex", "base64", NULL};
    struct args part = args_object(args, "signature");
    enum scheme scheme = (enum scheme)args_choice(&part, "scheme", schemes, SCHEME_TIMESTAMP);
    bool standard = scheme == SCHEME_STANDARD;
    bool hex = args_choice(&part, "encoding", encodings, standard) == 0;
    const char *name = args_text(&part, "header_name", 100,
                                 standard ? "webhook-signature" : "X-Webhook-Signature");
    const char *prefix = args_text(&part, "prefix", 40, standard ? "v1," : "sha256=");
    char text[80];
    if (args_status(args) == HEXMCP_OK && !args_has(&part, "secret"))
        args_fail(&part, HEXMCP_E_INVALID,
                  "signature.secret is missing; give the name of a secret that the operator has set");
    const char *handle = args_status(args) == HEXMCP_OK ? secret_argument(r, args, "signature") : NULL;
    if (args_status(args) != HEXMCP_OK)
        return;
    if (headers_have(h, name)) {
        args_fail(args, HEXMCP_E_INVALID, "headers.%.100s is what the signature makes; leave it out", name);
        return;
    }
    signed_text(scheme, d, text);
    if (standard) {
        headers_put(h, "webhook-id", d->id);
        headers_put(h, "webhook-timestamp", d->timestamp);
    }
    headers_put_hmac(h, name, prefix, handle, text, hex);
}

void signing_put(const hexmcp_round *r, struct args *args, const struct delivery *delivery,
                 struct headers *h)
{
    headers_put(h, "Idempotency-Key", delivery->id);
    headers_put(h, "X-Webhook-Timestamp", delivery->timestamp);
    if (args_has(args, "signature") && args_status(args) == HEXMCP_OK)
        put_signature(r, args, delivery, h);
}
