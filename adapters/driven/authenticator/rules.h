/* What the settings say about tokens, checked and ready to use. */
#pragma once

#include "adapters/driven/authenticator/authenticator.h"
#include "core/base/arena.h"

#define ISSUERS_MAX 16
#define SCOPES_MAX 32

struct auth_rules {
    struct arena arena; /* of all the text */
    enum auth_mode mode;
    struct str resource, audience, jwks_uri, tenant_claim;
    struct str issuers[ISSUERS_MAX];
    size_t issuer_count;
    struct str scopes[SCOPES_MAX];
    size_t scope_count;
    struct str scope_text; /* the scopes with a space between */
    unsigned algorithms;   /* bit 1 << enum token_algorithm */
    int64_t leeway_ms;
};

static inline bool rules_take_keys(const struct auth_rules *rules)
{
    return rules->mode == AUTH_KEYS || rules->mode == AUTH_BOTH;
}

static inline bool rules_take_tokens(const struct auth_rules *rules)
{
    return rules->mode == AUTH_JWT || rules->mode == AUTH_BOTH;
}

/* ST_CONFIG names the setting and says what to do. */
int rules_read(const struct authenticator_config *config, struct auth_rules *out,
               struct error *err);

void rules_clear(struct auth_rules *rules);
