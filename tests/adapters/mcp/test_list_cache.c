/* The texts of list pages: what is kept, and what gives way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driving/mcp/list_cache.h"

static struct list_page *write_one(struct list_cache *cache, uint64_t after, uint64_t generation)
{
    struct list_page *page = list_cache_take(cache, REV_2026_07_28, after, generation);
    buffer_add_str(&page->text, STR("\"tools\":[]"));
    return page;
}

static size_t count_texts(const struct list_cache *cache)
{
    size_t count = 0;
    for (size_t i = 0; i < LIST_CACHE_PAGES; i++)
        count += cache->pages[i].text.cap > 0;
    return count;
}

static void test_a_page_is_found_by_all_that_it_depends_on(void **state)
{
    struct list_cache cache = {0};
    const struct list_page *page = write_one(&cache, 7, 1);
    (void)state;
    assert_ptr_equal(list_cache_find(&cache, REV_2026_07_28, 7, 1), page);
    assert_null(list_cache_find(&cache, REV_2025_11_25, 7, 1));
    assert_null(list_cache_find(&cache, REV_2026_07_28, 8, 1));
    assert_null(list_cache_find(&cache, REV_2026_07_28, 7, 2));
    list_cache_clear(&cache);
}

/* Each reload of a plugin made a list of hundreds of kilobytes stay. */
static void test_pages_from_before_a_change_are_given_back(void **state)
{
    struct list_cache cache = {0};
    (void)state;
    for (uint64_t generation = 1; generation <= 40; generation++) {
        write_one(&cache, 0, generation);
        write_one(&cache, 100, generation);
        assert_int_equal(count_texts(&cache), 2);
        assert_non_null(list_cache_find(&cache, REV_2026_07_28, 0, generation));
        assert_null(list_cache_find(&cache, REV_2026_07_28, 0, generation - 1));
    }
    list_cache_clear(&cache);
}

static void test_pages_for_one_caller_share_a_place(void **state)
{
    struct list_cache cache = {0};
    (void)state;
    write_one(&cache, 0, 1);
    for (uint64_t after = 0; after < 40; after++)
        write_one(&cache, after, 0);
    assert_int_equal(count_texts(&cache), 2);
    assert_non_null(list_cache_find(&cache, REV_2026_07_28, 0, 1));
    list_cache_clear(&cache);
}

static void test_the_oldest_gives_way(void **state)
{
    struct list_cache cache = {0};
    (void)state;
    for (uint64_t after = 0; after <= LIST_CACHE_PAGES; after++)
        write_one(&cache, after, 1);
    assert_null(list_cache_find(&cache, REV_2026_07_28, 0, 1));
    for (uint64_t after = 1; after <= LIST_CACHE_PAGES; after++)
        assert_non_null(list_cache_find(&cache, REV_2026_07_28, after, 1));
    assert_int_equal(count_texts(&cache), LIST_CACHE_PAGES);
    list_cache_clear(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_is_found_by_all_that_it_depends_on),
        cmocka_unit_test(test_pages_from_before_a_change_are_given_back),
        cmocka_unit_test(test_pages_for_one_caller_share_a_place),
        cmocka_unit_test(test_the_oldest_gives_way),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
