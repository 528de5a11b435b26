#include "core/session/transfer.h"

bool chain_add(struct chain *chain, const struct crypto_port *crypto, struct str line)
{
    struct buffer both = BUFFER_INIT;
    if (chain->begun)
        buffer_add(&both, chain->digest, DIGEST_TEXT);
    buffer_add_str(&both, line);
    bool ok = !buffer_failed(&both) && digest_text(crypto, buffer_str(&both), chain->digest);
    buffer_clear(&both);
    chain->begun = true;
    return ok;
}

void transfer_write_end(struct buffer *out, uint64_t events, const struct chain *chain)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_bool(&w, STR("end"), true);
    json_put_i64(&w, STR("events"), (int64_t)events);
    json_put_string(&w, STR("digest"), (struct str){chain->digest, DIGEST_TEXT});
    json_end_object(&w);
}
