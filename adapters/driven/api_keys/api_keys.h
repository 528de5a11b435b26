/*
 * API keys: made, listed and revoked by the operator, and looked up by a server that runs.
 *
 * A key is "hxk_<id>_<secret>": ten letters and digits that name it, and 256 random bits. The file
 * holds SHA-256 of the whole key. A slow hash (argon2, scrypt) would gain nothing: it makes up for
 * secrets that can be guessed, and nobody guesses 256 random bits.
 *
 * The file is JSON, for its owner alone, and replaced as a whole. A server sees a change at most
 * API_KEYS_LOOK_MS later. No file, or a file without keys, lets nobody in.
 */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/random.h"

#define API_KEYS_LOOK_MS 1000
#define API_KEYS_MAX 2000

/* Keys that ended longer ago are dropped from the list when one is made. */
#define API_KEYS_KEPT_DAYS 90

/* Longest name, tenant and scope, in bytes. */
#define API_KEY_WORD_MAX 128

#define API_KEY_PREFIX "hxk_"
#define API_KEY_ID_LEN 10
#define API_KEY_SECRET_LEN 43
#define API_KEY_LEN (sizeof(API_KEY_PREFIX) - 1 + API_KEY_ID_LEN + 1 + API_KEY_SECRET_LEN)

struct api_key {
    struct str id;
    struct str name;   /* for people */
    struct str tenant;
    struct str scopes; /* separated by one space; may be empty */
    int64_t created_ms;
    int64_t expires_ms; /* 0: never; from then on it is not valid */
    int64_t revoked_ms; /* 0: it is not revoked */
    uint8_t hash[SHA256_BYTES];
};

struct api_keys_config {
    const char *path; /* copied; its folders are made when the first key is made. NULL: there is no
                         place for keys, so there are none */
    const struct crypto_port *crypto;
    const struct random_port *random; /* to make keys */
    const struct clock_port *clock;
};

struct api_keys;

int api_keys_open(const struct api_keys_config *config, struct api_keys **out, struct error *err);

/* NULL is allowed. */
void api_keys_free(struct api_keys *keys);

/* Looks at the file, if it may have changed. ST_CONFIG and ST_UNAVAILABLE: it cannot be used, and
 * there are no keys; the text says what to do. A file that is not there is no error. */
int api_keys_refresh(struct api_keys *keys, struct error *err);

/* The keys in the order in which they were made; valid until the next call. */
size_t api_keys_count(const struct api_keys *keys);
const struct api_key *api_keys_at(const struct api_keys *keys, size_t index);

/* True if `text` looks like an API key, known or not. */
bool api_key_is_one(struct str text);

/* The key `text`, which is neither expired nor revoked; valid until the next call. ST_DENIED says
 * no more than that. Others as api_keys_refresh. */
int api_keys_find(struct api_keys *keys, struct str text, const struct api_key **out,
                  struct error *err);

/* What a new key shall be; words as in struct api_key. */
struct api_key_wish {
    struct str name, tenant, scopes;
    int64_t expires_ms;
};

/* Makes a key and keeps it. `text` is the only time that it is seen: wipe it. `*made` is valid until
 * the next call. ST_INVALID: a word that cannot be used. ST_TOO_LARGE: there are API_KEYS_MAX. */
int api_keys_create(struct api_keys *keys, const struct api_key_wish *wish,
                    char text[API_KEY_LEN + 1], const struct api_key **made, struct error *err);

/* Ends a key for good. It stays in the list. To revoke it again changes nothing. ST_NOT_FOUND. */
int api_keys_revoke(struct api_keys *keys, struct str id, const struct api_key **revoked,
                    struct error *err);
