#include "tests/fuzz/jansson_peer.h"

#include <jansson.h>

static const json_t *of(const struct peer_value *v)
{
    return (const json_t *)v;
}

struct peer_value *peer_parse(const char *text, size_t len, bool *known_fault)
{
    json_error_t why;
    json_t *value = json_loadb(text, len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    enum json_error_code code = value ? json_error_unknown : json_error_code(&why);
    *known_fault = code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
    return (struct peer_value *)value;
}

void peer_free(struct peer_value *value)
{
    json_decref((json_t *)value);
}

bool peer_is_object(const struct peer_value *v)
{
    return json_is_object(of(v));
}

bool peer_is_array(const struct peer_value *v)
{
    return json_is_array(of(v));
}

bool peer_is_null(const struct peer_value *v)
{
    return json_is_null(of(v));
}

bool peer_bool(const struct peer_value *v, bool *out)
{
    *out = json_is_true(of(v));
    return json_is_boolean(of(v));
}

bool peer_double(const struct peer_value *v, double *out)
{
    *out = json_number_value(of(v));
    return json_is_number(of(v));
}

bool peer_integer(const struct peer_value *v, int64_t *out)
{
    *out = json_integer_value(of(v));
    return json_is_integer(of(v));
}

bool peer_string(const struct peer_value *v, const char **text, size_t *len)
{
    *text = json_string_value(of(v));
    *len = json_string_length(of(v));
    return json_is_string(of(v));
}

size_t peer_count(const struct peer_value *v)
{
    return json_is_object(of(v)) ? json_object_size(of(v)) : json_array_size(of(v));
}

const struct peer_value *peer_member(const struct peer_value *v, const char *key, size_t len)
{
    return (const struct peer_value *)json_object_getn(of(v), key, len);
}

const struct peer_value *peer_element(const struct peer_value *v, size_t index)
{
    return (const struct peer_value *)json_array_get(of(v), index);
}
