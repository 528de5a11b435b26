#include "adapters/driven/authenticator/key_set.h"

#include <stdlib.h>

#include "adapters/driven/authenticator/algorithms.h"
#include "core/base/arena.h"
#include "core/base/base64url.h"

struct named_key {
    struct str kid;
    enum key_kind kind;
    bool any; /* it does not say for which algorithm it is */
    enum token_algorithm algorithm;
    struct public_key *key;
};

struct key_set {
    const struct auth_module *module;
    struct arena arena;
    struct named_key keys[KEY_SET_MAX];
    size_t count;
};

static bool is(struct json object, const char *member, const char *text)
{
    return json_is(json_get(object, str_from(member)), str_from(text));
}

static bool read_kind(struct json at, enum key_kind *out)
{
    if (is(at, "kty", "RSA"))
        *out = KEY_RSA;
    else if (is(at, "kty", "EC") && is(at, "crv", "P-256"))
        *out = KEY_P256;
    else if (is(at, "kty", "EC") && is(at, "crv", "P-384"))
        *out = KEY_P384;
    else if (is(at, "kty", "OKP") && is(at, "crv", "Ed25519"))
        *out = KEY_ED25519;
    else
        return false;
    return true;
}

/* Neither `use` nor `key_ops` must speak against it. */
static bool may_verify(struct json at)
{
    struct json use = json_get(at, STR("use")), operations = json_get(at, STR("key_ops"));
    struct json_iter it = json_iter(operations);
    if (json_exists(use) && !json_is(use, STR("sig")))
        return false;
    if (!json_exists(operations))
        return true;
    while (json_type(operations) == JSON_ARRAY && json_next(&it))
        if (json_is(it.value, STR("verify")))
            return true;
    return false;
}

static bool read_algorithm(struct json at, struct named_key *key)
{
    struct json algorithm = json_get(at, STR("alg"));
    struct str name;
    key->any = !json_exists(algorithm);
    return key->any || (json_plain(algorithm, &name) && algorithm_parse(name, &key->algorithm) &&
                        algorithm_key(key->algorithm) == key->kind);
}

static bool read_name(struct key_set *set, struct json at, struct named_key *key)
{
    struct buffer scratch = BUFFER_INIT;
    bool good = json_string(json_get(at, STR("kid")), &scratch, &key->kid) && key->kid.len > 0;
    if (good)
        key->kid = arena_copy(&set->arena, key->kid);
    buffer_clear(&scratch);
    return good && key->kid.ptr;
}

static bool decode(struct json at, const char *member, struct buffer *out)
{
    struct str text;
    return json_plain(json_get(at, str_from(member)), &text) && base64url_decode(text, out);
}

static bool import(struct key_set *set, struct json at, struct named_key *key)
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT;
    const bool rsa = key->kind == KEY_RSA;
    bool good = decode(at, rsa ? "n" : "x", &a) &&
                (key->kind == KEY_ED25519 || decode(at, rsa ? "e" : "y", &b));
    const struct key_material material = {key->kind, buffer_str(&a), buffer_str(&b)};
    good = good && set->module->import_key(&material, &key->key, NULL) == ST_OK;
    buffer_clear(&a);
    buffer_clear(&b);
    return good;
}

static void add(struct key_set *set, struct json at)
{
    struct named_key key = {.any = false};
    if (set->count < KEY_SET_MAX && read_kind(at, &key.kind) && may_verify(at) &&
        read_algorithm(at, &key) && read_name(set, at, &key) && import(set, at, &key))
        set->keys[set->count++] = key;
}

int key_set_parse(struct str text, const struct auth_module *module, struct key_set **out,
                  struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return rc;
    struct key_set *set = calloc(1, sizeof(*set));
    if (!set) {
        json_free(doc);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    set->module = module;
    struct json keys = json_get(json_root(doc), STR("keys"));
    struct json_iter it = json_iter(keys);
    while (json_type(keys) == JSON_ARRAY && json_next(&it))
        add(set, it.value);
    json_free(doc);
    if (set->count == 0) {
        key_set_free(set);
        return error_set(err, ST_INVALID,
                         "there is no key in it that a token can be signed with");
    }
    *out = set;
    return ST_OK;
}

void key_set_free(struct key_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        set->module->free_key(set->keys[i].key);
    arena_clear(&set->arena);
    free(set);
}

const struct public_key *key_set_find(const struct key_set *set, struct str kid,
                                      enum token_algorithm algorithm)
{
    for (size_t i = 0; set && i < set->count; i++) {
        const struct named_key *key = &set->keys[i];
        if (key->kind == algorithm_key(algorithm) && (key->any || key->algorithm == algorithm) &&
            str_eq(key->kid, kid))
            return key->key;
    }
    return NULL;
}
