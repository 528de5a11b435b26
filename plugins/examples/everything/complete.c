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

/* Cities of the country that the client has filled in already; of all while it has not. */
static int32_t suggest_city(const hexmcp_round *r, hexmcp_str typed)
{
    const char *cities[3 * PLACE_COUNT];
    size_t count = 0;
    hexmcp_str country;
    int known = hexmcp_json_get(r->args, "country", &country) == HEXMCP_OK;
    for (size_t i = 0; i < PLACE_COUNT; i++)
        if (!known || hexmcp_json_equals(country, places[i].country))
            for (size_t j = 0; j < 3; j++)
                cities[count++] = places[i].cities[j];
    return hexmcp_round_suggest(r, cities, count, typed);
}

int32_t suggest_place(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed)
{
    const char *countries[PLACE_COUNT];
    for (size_t i = 0; i < PLACE_COUNT; i++)
        countries[i] = places[i].country;
    if (hexmcp_str_equals(argument, "country"))
        return hexmcp_round_suggest(r, countries, PLACE_COUNT, typed);
    if (hexmcp_str_equals(argument, "city"))
        return suggest_city(r, typed);
    return hexmcp_round_suggest(r, NULL, 0, typed);
}
