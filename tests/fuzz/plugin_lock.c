/* The lock file: what is accepted is written again to the same plugins, and compared without a fault. */
#include <assert.h>
#include <stdlib.h>

#include "adapters/driven/plugin_lock/lock_compare.h"
#include "core/policy/plugin_grants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_doc *take(const void *data, size_t size)
{
    struct json_doc *doc = NULL;
    struct error err;
    char *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, data, size);
    return lock_text_take(copy, size, &doc, &err) ? NULL : doc;
}

static void compare(const struct lock_entry *a, const struct lock_entry *b)
{
    const struct lock_subject now = {b->id, b->version, b->binary, b->manifest, b->asked,
                                     b->definitions};
    struct lock_changes changes;
    struct buffer text = BUFFER_INIT;
    struct kept_grants kept;
    bool differ = lock_compare(a, &now, &changes);
    lock_difference(a, &now, &text);
    assert(differ == (text.len > 0));
    assert(plugin_grants_read(b->granted, &kept, NULL) == ST_OK);
    kept_grants_clear(&kept);
    buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc = take(data, size);
    struct buffer text = BUFFER_INIT;
    struct lock_entry a, b;
    if (!doc)
        return 0;
    assert(lock_text_remove(doc, STR("a.a"), &text, NULL) == ST_OK);
    struct json_doc *again = take(text.data, text.len);
    assert(again);
    for (uint32_t i = 0; lock_text_at(doc, i, &a); i++) {
        compare(&a, &a);
        if (lock_text_at(doc, i + 1, &b))
            compare(&a, &b);
        assert(lock_text_find(again, a.id, &b) == !str_eq(a.id, STR("a.a")));
    }
    json_free(again);
    json_free(doc);
    buffer_clear(&text);
    return 0;
}
