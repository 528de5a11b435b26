/*
 * Finding what must not be kept or told in clear: keys, tokens, passwords. One set of detectors, and
 * policies that say which of them count.
 *
 *   names     a member whose name says that its value is a secret: "apiKey", "db_password"
 *   patterns  a text with the shape of a known key, a private key, a token after "Bearer", a password
 *             in a URL or behind "password="
 *   entropy   a text with a piece that looks drawn at random
 *
 * A handle of the operator's secrets ("{{secret:NAME}}"), a place holder ("${NAME}") and what was
 * redacted before are no secrets. What is found is written as "[REDACTED:hash8]": eight hexadecimal
 * digits of a keyed digest, the same for the same secret under the same key, so that two records can
 * be compared and nobody can try words against a digest.
 *
 * Pure; all [any] with a crypto port that is.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driven/crypto.h"

enum redact_detector {
    REDACT_NAMES = 1,
    REDACT_PATTERNS = 2,
    REDACT_ENTROPY = 4,
};

/* What a record of calls must not hold, and state of the class "standard". Digests, ids and other
 * texts that look random stay, so that a replay of the record is exact. */
#define REDACT_RECORD (REDACT_NAMES | REDACT_PATTERNS)
#define REDACT_STATE (REDACT_NAMES | REDACT_PATTERNS)

/* Log lines, and state of the classes "sensitive" and "external". */
#define REDACT_LOG (REDACT_NAMES | REDACT_PATTERNS | REDACT_ENTROPY)

/* What to digest with; without `crypto` there is no hash: "[REDACTED]". */
struct redactor {
    const struct crypto_port *crypto;
    struct str key; /* at least 16 bytes that nobody knows; borrowed */
};

/* A piece of a text. */
struct redact_hit {
    size_t offset, len;
    const char *what; /* for a person: "an AWS access key id"; lives for ever */
};

/* What a document held. */
struct redact_report {
    size_t count;
    const char *what;     /* the first one: as in a hit, or "a secret by its name"                */
    struct buffer pointer; /* where it is: JSON Pointer; to be cleared                            */
};

#define REDACT_REPORT_INIT {0, NULL, BUFFER_INIT}

/* True if a member of that name holds a secret. Of `token_like` names only texts are secrets, as
 * {"token": 7} is a count. */
bool redact_name(struct str name, bool *token_like);

/* The first secret at or behind `from`, by patterns and entropy as far as `detectors` has them. */
bool redact_find(struct str text, size_t from, unsigned detectors, struct redact_hit *hit);

/* Appends the text with its secrets replaced; returns how many there were. */
size_t redact_text(const struct redactor *redactor, struct str text, unsigned detectors,
                   struct buffer *out);

/* Appends the document with its secrets replaced and everything else as it is written. `report` may
 * be NULL. Failure is the buffer's. */
void redact_json(const struct redactor *redactor, struct json v, unsigned detectors,
                 struct buffer *out, struct redact_report *report);

/* Looks only. True if there is a secret; `report`, which is not NULL, has the first one and a count
 * of 1. */
bool redact_check(struct json v, unsigned detectors, struct redact_report *report);
