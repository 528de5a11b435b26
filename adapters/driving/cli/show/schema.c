#include "adapters/driving/cli/show/schema.h"

#include "adapters/driving/cli/show/schema_words.h"

#define DEPTH_MAX 8u
#define LINES_MAX 1000u
#define STEP 4u

struct view {
    const struct page *page;
    struct json root; /* where a $ref begins */
    struct json top;  /* what is shown as a whole */
    struct json inside[DEPTH_MAX]; /* what is being shown, outermost first */
    unsigned depth;
    unsigned lines;
};

static void show_inside(struct view *view, struct json schema);

static unsigned indent_of(const struct view *view)
{
    return 2 + STEP * view->depth;
}

static bool is_inside_itself(const struct view *view, struct json schema)
{
    for (unsigned i = 0; i < view->depth; i++)
        if (view->inside[i].node == schema.node)
            return true;
    return view->top.node == schema.node;
}

static bool has_inside(struct json schema)
{
    static const char *const keys[] = {"properties", "items", "prefixItems", "anyOf", "oneOf",
                                       "allOf"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_count(json_get(schema, str_from(keys[i]))))
            return true;
    return json_count(json_get(schema, STR("additionalProperties"))) > 0;
}

static void show_choices(const struct view *view, struct json schema)
{
    struct json_iter it = json_iter(json_get(schema, STR("enum")));
    struct buffer text = BUFFER_INIT;
    if (!it.left)
        return;
    buffer_add_str(&text, STR("one of: "));
    for (bool more = false; json_next(&it); more = true) {
        buffer_add_str(&text, more ? STR(", ") : STR(""));
        if (json_type(it.value) == JSON_STRING)
            json_decode(it.value, &text);
        else
            json_copy_line(&text, json_text(it.value));
    }
    page_text(view->page, indent_of(view) + STEP, buffer_str(&text));
    buffer_clear(&text);
}

static void show_deeper(struct view *view, struct json schema)
{
    if (!has_inside(schema))
        return;
    if (is_inside_itself(view, schema) || view->depth + 1 == DEPTH_MAX) {
        page_text(view->page, indent_of(view) + STEP,
                  is_inside_itself(view, schema) ? STR("(in turn as above)")
                                                 : STR("(more in it; --json shows all)"));
        return;
    }
    view->inside[view->depth++] = schema;
    show_inside(view, schema);
    view->depth--;
}

/* One value and all that is in it. */
static void show_value(struct view *view, struct json name, const char *label, struct json schema,
                       bool required)
{
    if (view->lines++ >= LINES_MAX) {
        if (view->lines == LINES_MAX + 1)
            page_text(view->page, 2, STR("(and more; --json shows all)"));
        return;
    }
    struct json target = schema_follow(schema, view->root);
    struct buffer line = BUFFER_INIT;
    json_decode(name, &line);
    buffer_add_str(&line, str_from(label));
    buffer_add_str(&line, STR("  "));
    schema_words(&line, target, required);
    page_text(view->page, indent_of(view), buffer_str(&line));
    buffer_clear(&line);
    struct json own = json_get(schema, STR("description"));
    page_string(view->page, indent_of(view) + STEP,
                json_exists(own) ? own : json_get(target, STR("description")));
    show_choices(view, target);
    show_deeper(view, target);
}

static void show_list(struct view *view, struct json schema, const char *key, const char *label)
{
    struct json list = json_get(schema, str_from(key));
    struct json_iter it = json_iter(list);
    while (json_type(list) == JSON_ARRAY && json_next(&it))
        show_value(view, json_none(), label, it.value, false);
}

static void show_inside(struct view *view, struct json schema)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    bool named = it.left > 0;
    struct json others = json_get(schema, STR("additionalProperties"));
    struct json items = json_get(schema, STR("items"));
    while (json_next(&it))
        show_value(view, it.key, "", it.value, schema_requires(schema, it.key));
    if (json_count(others))
        show_value(view, json_none(), named ? "(any other name)" : "(any name)", others, false);
    show_list(view, schema, "prefixItems", "(next item)");
    if (json_type(items) == JSON_OBJECT && (has_inside(schema_follow(items, view->root)) ||
                                            json_count(json_get(items, STR("enum"))) ||
                                            json_exists(json_get(items, STR("description")))))
        show_value(view, json_none(), "(each item)", items, false);
    show_list(view, schema, "anyOf", "- either");
    show_list(view, schema, "oneOf", "- either");
    show_list(view, schema, "allOf", "- also");
}

void schema_show(const struct page *page, struct json schema)
{
    struct view view = {.page = page, .root = schema, .top = schema_follow(schema, schema)};
    show_inside(&view, view.top);
}
