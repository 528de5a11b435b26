/*
 * What the tests of the authenticator stand on. The authorization server is a thread; the module, its
 * libraries and the file of API keys are real; time is not. There is one of everything, made anew for
 * each test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/random/random.h"
#include "signer.h"
#include "web.h"

#define BEGIN_MS 1700000000000
#define BEGIN_S "1700000000"
#define REFETCH_MS 10000
#define CANARY "canary-Zx81-canary"
#define RESOURCE "https://mcp.example.com/mcp"
#define METADATA "/.well-known/oauth-authorization-server"
#define NO_SUCH_KEY "The token is signed with a key that its issuer does not have."

enum { RSA_A, RSA_B, P256_A, P384_A, ED_A, SIGNERS };

extern EVP_PKEY *signers[SIGNERS];
extern struct web *web;
extern char issuer[40], issuers[160], jwks_uri[80]; /* its URL, a list of it alone, its keys */
extern int64_t now_ms;
extern char keys_path[96], logged[4096];
extern unsigned log_lines;
extern struct auth *auth;
extern struct api_keys *api_keys;

/* Fetches that wait for a worker. */
extern struct jobs {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
    unsigned submitted;
    bool full; /* no worker takes one */
} jobs;

/* Runs them until none is left. */
void run_jobs(void);

struct answer {
    unsigned count;
    enum credential_verdict verdict;
    char id[700], tenant[700], why[256], scope[128];
    bool authenticated;
};

/* Asks, and leaves *out without an answer if keys must be fetched first ... */
void start(const char *header, struct answer *out);

/* ... or fetches them. */
struct answer ask(const char *header);

void assert_answer(const char *header, enum credential_verdict verdict, const char *why);

/* A header of a token, and who signs such a one. */
const char *header_of(enum token_algorithm algorithm);
EVP_PKEY *signer_of(enum token_algorithm algorithm);

/* "Bearer <token>", until the next call. */
const char *bearer(const char *header, const char *payload, EVP_PKEY *key,
                   enum token_algorithm algorithm);

/* A good payload but for `more`, which begins with a comma or is empty; until the next call. */
const char *claims(const char *more);

/* A header with these claims and a good signature, and one with good claims. */
const char *signed_claims(const char *payload);
const char *good_token(void);

/* What the authorization server answers: its keys, with RSA_B or without, and its metadata. */
void put_keys(const char *headers, bool with_b);
void put_metadata(const char *from, const char *jwks);

struct authenticator_config config_of(enum auth_mode mode);

/* In the place of the one before. */
void open_auth(const struct authenticator_config *config);

/* For cmocka: around each test, and around all of them. */
int set_up(void **state);
int tear_down(void **state);
int make_signers(void **state);
int free_signers(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
