#include "adapters/driving/cli/call/choices.h"

struct choices choices_of(struct json field)
{
    struct json items = json_get(field, STR("items"));
    struct choices choices = {.several = json_is(json_get(field, STR("type")), STR("array"))};
    struct json holder = choices.several ? items : field;
    choices.list = json_get(holder, choices.several ? STR("anyOf") : STR("oneOf"));
    if (!json_exists(choices.list)) {
        choices.list = json_get(holder, STR("enum"));
        choices.names = json_get(holder, STR("enumNames"));
    }
    return choices;
}

struct choice choices_at(const struct choices *choices, uint32_t index)
{
    struct json entry = json_at(choices->list, index);
    if (json_type(entry) == JSON_OBJECT)
        return (struct choice){json_get(entry, STR("const")), json_get(entry, STR("title"))};
    return (struct choice){entry, json_at(choices->names, index)};
}

static bool find_number(const struct choices *choices, struct str typed, uint32_t *index)
{
    uint32_t number = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.ptr[i] < '0' || typed.ptr[i] > '9' || number > json_count(choices->list))
            return false;
        number = number * 10 + (uint32_t)(typed.ptr[i] - '0');
    }
    if (number < 1 || number > json_count(choices->list))
        return false;
    *index = number - 1;
    return true;
}

bool choices_find(const struct choices *choices, struct str typed, uint32_t *index)
{
    uint32_t count = json_count(choices->list);
    for (uint32_t i = 0; i < count; i++)
        if (json_is(choices_at(choices, i).value, typed)) {
            *index = i;
            return true;
        }
    for (uint32_t i = 0; i < count; i++)
        if (json_is(choices_at(choices, i).title, typed)) {
            *index = i;
            return true;
        }
    return find_number(choices, typed, index);
}
