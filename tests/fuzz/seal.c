/*
 * Tokens that clients made up. The first byte says how: an even one is followed by a token; behind
 * an odd one come pairs (place, byte) that change a good token. Only the good one may open.
 */
#include <stdlib.h>

#include "core/seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The entry of the crypto module, which is linked in here. */
int hexmcp_module_entry(struct crypto_port *out, struct error *err);

static void check(bool good)
{
    if (!good)
        abort();
}

static bool equal(void *ctx, const void *a, const void *b, size_t len)
{
    (void)ctx;
    return memcmp(a, b, len) == 0;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 'n', len);
    return ST_OK;
}

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return 1700000000000;
}

static bool find(void *ctx, uint32_t id, struct seal_key *out)
{
    (void)ctx;
    *out = (struct seal_key){.id = 1, .bytes = "a key that everybody may know.."};
    return id == 1;
}

static int current(void *ctx, struct seal_key *out, struct error *err)
{
    (void)err;
    find(ctx, 1, out);
    return ST_OK;
}

static const struct random_port random_source = {.fill = fill};
static const struct clock_port clock_source = {.wall_ms = wall_ms};
static const struct seal_keys_port keys = {NULL, current, find};
static const struct seal_binding binding = {
    STR_INIT("cursor"), STR_INIT("stdio"),      STR_INIT("local"),
    STR_INIT("tools/list"), STR_INIT("tools"), STR_INIT("")};

static void open_token(struct sealer *sealer, struct str token, struct str good)
{
    struct buffer payload = BUFFER_INIT;
    struct seal_nonce nonce;
    struct error err = {0};
    int rc = sealer_open(sealer, &binding, token, &payload, &nonce, &err);
    check((rc == ST_OK) == str_eq(token, good));
    check(rc == ST_OK ? str_eq(buffer_str(&payload), STR("{\"after\":17}"))
                      : rc == ST_DENIED && payload.len == 0 && err.text[0] != '\0');
    if (!rc) {
        check(sealer_use(sealer, &nonce, &err) == ST_OK);
        check(sealer_use(sealer, &nonce, &err) == ST_DENIED);
    }
    buffer_clear(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crypto_port crypto;
    struct sealer *sealer;
    struct buffer good = BUFFER_INIT, changed = BUFFER_INIT;
    if (size == 0)
        return 0;
    check(hexmcp_module_entry(&crypto, NULL) == ST_OK);
    crypto.equal = equal;
    const struct sealer_parts parts = {&crypto, &random_source, &clock_source, &keys};
    sealer = sealer_new(&parts);
    check(sealer != NULL);
    check(sealer_close(sealer, &binding, 1000, STR("{\"after\":17}"), &good, NULL) == ST_OK);
    if (data[0] % 2) {
        buffer_add_str(&changed, buffer_str(&good));
        for (size_t i = 1; i + 1 < size; i += 2)
            changed.data[data[i] % changed.len] = (char)data[i + 1];
    } else {
        buffer_add(&changed, data + 1, size - 1);
    }
    open_token(sealer, buffer_str(&changed), buffer_str(&good));
    sealer_free(sealer);
    buffer_clear(&good);
    buffer_clear(&changed);
    return 0;
}
