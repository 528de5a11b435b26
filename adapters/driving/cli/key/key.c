/* The commands about API keys. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/api_keys/api_keys.h"
#include "adapters/driven/clock/clock.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/random/random.h"
#include "adapters/driving/cli/auth.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/key/expiry.h"
#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/settings.h"
#include "core/base/time_text.h"
#include "core/json/writer.h"

#define NAME_WIDTH 24
#define TENANT_WIDTH 14
#define DAY_LEN 10

/* What the commands need of the program: no plugin, no loop. */
struct desk {
    struct config *config;
    struct places *places;
    struct crypto_module *crypto;
    struct api_keys *keys;
};

static void close_desk(struct desk *desk)
{
    api_keys_free(desk->keys);
    crypto_module_free(desk->crypto);
    places_free(desk->places);
    config_free(desk->config);
}

static int open_keys(struct desk *desk, struct error *err)
{
    char path[PATH_MAX];
    struct api_keys_config config = {.crypto = crypto_module_port(desk->crypto),
                                     .random = system_random_port(),
                                     .clock = system_clock_port()};
    int rc = auth_keys_place(desk->config, desk->places, path, &config.path, err);
    return rc ? rc : api_keys_open(&config, &desk->keys, err);
}

static int open_desk(const struct invocation *inv, struct desk *desk, struct error *err)
{
    *desk = (struct desk){0};
    int rc = settings_load(inv, &desk->config, err);
    if (!rc)
        rc = places_new(desk->config, &desk->places, err);
    if (!rc)
        rc = crypto_module_new(places_modules(desk->places), &desk->crypto, err);
    if (!rc)
        rc = open_keys(desk, err);
    if (rc)
        close_desk(desk);
    return rc;
}

static int64_t wall(void)
{
    return system_clock_port()->wall_ms(system_clock_port()->ctx);
}

/* ---- printing ---- */

static const char *state_of(const struct api_key *key)
{
    if (key->revoked_ms)
        return "revoked";
    return key->expires_ms && wall() >= key->expires_ms ? "expired" : "valid";
}

static void put_time(struct json_writer *w, struct str name, int64_t time)
{
    char text[TIME_TEXT_SIZE];
    if (!time) {
        json_put_raw(w, name, STR("null"));
        return;
    }
    time_text(time, text);
    json_put_string(w, name, str_from(text));
}

/* `text` NULL: the key itself is not known any more. */
static void write_key(struct json_writer *w, const struct api_key *key, const char *text)
{
    json_begin_object(w);
    json_put_string(w, STR("id"), key->id);
    if (text)
        json_put_string(w, STR("key"), str_from(text));
    json_put_string(w, STR("name"), key->name);
    json_put_string(w, STR("tenant"), key->tenant);
    json_put_string(w, STR("scopes"), key->scopes);
    json_put_string(w, STR("state"), str_from(state_of(key)));
    put_time(w, STR("created"), key->created_ms);
    put_time(w, STR("expires"), key->expires_ms);
    put_time(w, STR("revoked"), key->revoked_ms);
    json_end_object(w);
}

static void print_buffer(struct buffer *out)
{
    buffer_add_char(out, '\n');
    fwrite(out->data, 1, out->len, stdout);
    explicit_bzero(out->data, out->cap);
    buffer_clear(out);
}

static void print_json(const struct api_key *key, const char *text)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    /* In one piece, so that no copy of the key stays in freed memory. */
    buffer_reserve(&out, 4096);
    write_key(&w, key, text);
    print_buffer(&out);
}

static void print_padded(struct str text, unsigned width)
{
    unsigned used = plain_put_line(stdout, text, width);
    printf("%*s ", (int)(width - used), "");
}

static void print_row(const struct api_key *key)
{
    char day[TIME_TEXT_SIZE] = "never";
    if (key->expires_ms)
        time_text(key->expires_ms, day);
    printf("%.*s  ", STR_ARG(key->id));
    print_padded(key->name, NAME_WIDTH);
    print_padded(key->tenant, TENANT_WIDTH);
    printf("%-8s expires %.*s%s", state_of(key), DAY_LEN, day, key->scopes.len ? "  " : "");
    plain_put_line(stdout, key->scopes, 0);
    putchar('\n');
}

/* ---- create ---- */

/* Each --scope; separated by blanks. */
static void add_scopes(const struct invocation *inv, struct buffer *out)
{
    for (int i = 0; i < inv->given_count; i++)
        if (strcmp(inv->given[i].name, "scope") == 0) {
            buffer_add_str(out, out->len ? STR(" ") : STR(""));
            buffer_add_str(out, str_from(inv->given[i].value));
        }
}

static int read_expiry(const struct invocation *inv, int64_t *out, struct error *err)
{
    const char *text = invocation_option(inv, "expires");
    int64_t after = 0;
    int rc = text ? expiry_parse(str_from(text), &after, err) : ST_OK;
    *out = text ? wall() + after : 0;
    return rc;
}

static void tell_made(const struct api_key *key, const char *text)
{
    puts(text);
    fprintf(stderr, "hexmcp: this is API key %.*s (", STR_ARG(key->id));
    plain_put_line(stderr, key->name, 0);
    fputs("); it is shown this once and not kept\n", stderr);
}

static int create(const struct invocation *inv, struct desk *desk, const struct buffer *scopes)
{
    const char *tenant = invocation_option(inv, "tenant");
    struct api_key_wish wish = {.name = str_from(inv->operands[0]),
                                .tenant = str_from(tenant ? tenant : "local"),
                                .scopes = buffer_str(scopes)};
    char text[API_KEY_LEN + 1];
    const struct api_key *made;
    struct error err;
    if (read_expiry(inv, &wish.expires_ms, &err) ||
        api_keys_create(desk->keys, &wish, text, &made, &err))
        return report_error(&err);
    if (invocation_option(inv, "json"))
        print_json(made, text);
    else
        tell_made(made, text);
    explicit_bzero(text, sizeof(text));
    return EXIT_DONE;
}

static int run_create(struct invocation *inv)
{
    struct desk desk;
    struct error err;
    struct buffer scopes = BUFFER_INIT;
    if (open_desk(inv, &desk, &err))
        return report_error(&err);
    add_scopes(inv, &scopes);
    int code = create(inv, &desk, &scopes);
    buffer_clear(&scopes);
    close_desk(&desk);
    return code;
}

/* ---- list ---- */

static void list_json(const struct api_keys *keys)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_array(&w);
    for (size_t i = 0; i < api_keys_count(keys); i++)
        write_key(&w, api_keys_at(keys, i), NULL);
    json_end_array(&w);
    print_buffer(&out);
}

static int list(const struct invocation *inv, struct desk *desk)
{
    struct error err;
    if (api_keys_refresh(desk->keys, &err))
        return report_error(&err);
    if (invocation_option(inv, "json")) {
        list_json(desk->keys);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < api_keys_count(desk->keys); i++)
        print_row(api_keys_at(desk->keys, i));
    if (api_keys_count(desk->keys) == 0)
        fputs("hexmcp: there are no API keys; \"hexmcp key create NAME\" makes one\n", stderr);
    return EXIT_DONE;
}

static int run_list(struct invocation *inv)
{
    struct desk desk;
    struct error err;
    if (open_desk(inv, &desk, &err))
        return report_error(&err);
    int code = list(inv, &desk);
    close_desk(&desk);
    return code;
}

/* ---- revoke ---- */

static int revoke(const struct invocation *inv, struct desk *desk)
{
    const struct api_key *key;
    struct error err;
    if (api_keys_revoke(desk->keys, str_from(inv->operands[0]), &key, &err))
        return report_error(&err);
    if (invocation_option(inv, "json"))
        print_json(key, NULL);
    else
        printf("API key %.*s is revoked\n", STR_ARG(key->id));
    return EXIT_DONE;
}

static int run_revoke(struct invocation *inv)
{
    struct desk desk;
    struct error err;
    if (open_desk(inv, &desk, &err))
        return report_error(&err);
    int code = revoke(inv, &desk);
    close_desk(&desk);
    return code;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

static const struct option_spec create_options[] = {
    {"expires", "TIME", "end it after TIME: a number and h, d or w, e.g. 90d (default: never)"},
    {"tenant", "TENANT", "whom its user belongs to; tenants do not see each other (default: local)"},
    {"scope", "SCOPE", "what it is for, if auth.required_scopes asks for it; may be repeated"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_key_create = {
    .name = "key create",
    .operands = "NAME",
    .summary = "Make an API key for somebody who comes over the network.",
    .details = "Prints the key, alone, to standard output. It is shown this once: what is kept is a\n"
               "hash of it. Send it as \"Authorization: Bearer KEY\". A server that runs knows it\n"
               "within a second. NAME is for people who read the list.\n\n"
               "  hexmcp key create \"Ann's laptop\" --expires 90d",
    .options = create_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_create,
};

const struct command command_key_list = {
    .name = "key list",
    .operands = "",
    .summary = "List the API keys, and which of them are valid.",
    .options = options,
    .run = run_list,
};

const struct command command_key_revoke = {
    .name = "key revoke",
    .operands = "KEY-ID",
    .summary = "End an API key for good.",
    .details = "KEY-ID is what stands behind hxk_ in the key; the list shows it. A server that runs\n"
               "lets nobody in with the key from a second later on.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_revoke,
};
