/* What a token claims, and whether that is enough. */
#pragma once

#include "adapters/driven/authenticator/rules.h"
#include "adapters/driven/authenticator/token.h"

#define SUBJECT_MAX 512

/* Which issuer of the rules the token says that it is from; false if none. */
bool claims_issuer(const struct token *token, const struct auth_rules *rules, size_t *index);

struct claimed {
    struct buffer id, tenant;
};

/* Judges a token whose signature is good. With CREDENTIALS_OK `out` (empty buffers before) is filled;
 * otherwise *why is a sentence that is there for good. */
enum credential_verdict claims_judge(const struct token *token, const struct auth_rules *rules,
                                     size_t issuer, int64_t now_ms, struct claimed *out,
                                     const char **why);

/* True if each of the required scopes is among the words of `text`. */
bool scopes_suffice(const struct auth_rules *rules, struct str text);
