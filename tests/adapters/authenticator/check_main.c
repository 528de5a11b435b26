/*
 * auth_check MODULES ISSUER RESOURCE SCOPES REFETCH_MS
 *
 * Reads values of the Authorization header, one a line, and prints what becomes of each, one JSON
 * object a line: with the real loop, module, clock and network. SCOPES is a JSON array. Lines of the
 * log go to stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/clock/clock.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/loop/loop.h"
#include "core/json/writer.h"

static const char *const names[] = {
    [CREDENTIALS_OK] = "ok",
    [CREDENTIALS_MISSING] = "missing",
    [CREDENTIALS_MALFORMED] = "malformed",
    [CREDENTIALS_INVALID] = "invalid",
    [CREDENTIALS_INSUFFICIENT] = "insufficient",
    [CREDENTIALS_UNAVAILABLE] = "unavailable",
};

static void print(void *arg, const struct credential_answer *answer)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    json_put_string(&w, STR("verdict"), str_from(names[answer->verdict]));
    json_put_string(&w, STR("id"), answer->caller.id);
    json_put_string(&w, STR("tenant"), answer->caller.tenant);
    json_put_string(&w, STR("why"), answer->why);
    json_put_string(&w, STR("scope"), answer->scope);
    json_end_object(&w);
    printf("%.*s\n", (int)out.len, out.data);
    fflush(stdout);
    buffer_clear(&out);
    *(bool *)arg = true;
}

static void check_lines(struct auth *auth, struct loop *loop)
{
    const struct authenticator *port = authenticator_port(auth);
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        bool done = false;
        line[strcspn(line, "\n")] = '\0';
        port->check(port->ctx, str_from(line), print, &done);
        while (!done)
            loop_turn(loop);
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct buffer issuers = BUFFER_INIT;
    struct error err;
    struct loop *loop;
    struct auth *auth;
    if (argc != 6 || loop_new(2, &loop, &err))
        return 2;
    struct stderr_log *log = stderr_log_new(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
    buffer_add_char(&issuers, '[');
    json_quote(&issuers, str_from(argv[2]));
    buffer_add_char(&issuers, ']');
    const struct authenticator_config config = {
        .mode = AUTH_JWT,
        .resource = str_from(argv[3]),
        .issuers = buffer_str(&issuers),
        .algorithms = STR("[\"RS256\",\"ES256\",\"EdDSA\"]"),
        .required_scopes = str_from(argv[4]),
        .leeway_ms = 1000,
        .refetch_ms = strtoull(argv[5], NULL, 10),
        .modules = argv[1],
        .clock = system_clock_port(),
        .executor = loop_own_executor(loop),
        .log = stderr_log_port(log),
    };
    if (authenticator_new(&config, &auth, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    check_lines(auth, loop);
    authenticator_stop(auth);
    loop_end_workers(loop);
    authenticator_free(auth);
    loop_free(loop);
    stderr_log_free(log);
    buffer_clear(&issuers);
    return 0;
}
