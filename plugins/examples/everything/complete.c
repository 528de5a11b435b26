/* Completion: values that begin with what has been typed; `city` depends on `country`. */
#include "everything.h"

static const struct {
    const char *country;
    const char *cities[3];
} places[] = {
    {"France", {"Lyon", "Paris", "Pau"}},
    {"Norway", {"Bergen", "Oslo", "Tromsø"}},
};

#define PLACE_COUNT (sizeof(places) / sizeof(places[0]))

/* 1 if `value` begins with `typed`. */
static int fits(const char *value, hexmcp_str typed)
{
    return strlen(value) >= typed.len && (typed.len == 0 || memcmp(value, typed.ptr, typed.len) == 0);
}

int32_t suggest(const struct round *r, const char *const *values, size_t count, hexmcp_str typed)
{
    hexmcp_json_writer w;
    int64_t total = 0;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "values");
    hexmcp_json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        if (fits(values[i], typed)) {
            hexmcp_json_write_text(&w, values[i]);
            total++;
        }
    hexmcp_json_end_array(&w);
    hexmcp_json_put_int64(&w, "total", total);
    hexmcp_json_put_bool(&w, "hasMore", 0);
    hexmcp_json_end_object(&w);
    return answer_writer(r, HEXMCP_RESULT, &w);
}

/* Cities of the country that the client has filled in already; of all while it has not. */
static int32_t suggest_city(const struct round *r, hexmcp_str typed, hexmcp_str context)
{
    const char *cities[3 * PLACE_COUNT];
    size_t count = 0;
    hexmcp_str country;
    int known = hexmcp_json_get(context, "country", &country) == HEXMCP_OK;
    for (size_t i = 0; i < PLACE_COUNT; i++)
        if (!known || hexmcp_json_equals(country, places[i].country))
            for (size_t j = 0; j < 3; j++)
                cities[count++] = places[i].cities[j];
    return suggest(r, cities, count, typed);
}

int32_t suggest_place(const struct round *r, hexmcp_str argument, hexmcp_str typed,
                      hexmcp_str context)
{
    const char *countries[PLACE_COUNT];
    for (size_t i = 0; i < PLACE_COUNT; i++)
        countries[i] = places[i].country;
    if (str_is(argument, "country"))
        return suggest(r, countries, PLACE_COUNT, typed);
    if (str_is(argument, "city"))
        return suggest_city(r, typed, context);
    return suggest(r, NULL, 0, typed);
}
