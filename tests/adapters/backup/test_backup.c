/* What was backed up comes back; what is damaged, cut off, sealed with another key or of another format is
 * refused, and the store stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "tests/adapters/backup/fixture.h"

static struct buffer copy(const struct buffer *b)
{
    struct buffer c = BUFFER_INIT;
    buffer_add_str(&c, buffer_str(b));
    return c;
}

static void assert_store(const struct world *w, const struct buffer *expected)
{
    assert_int_equal(w->store.len, expected->len);
    assert_memory_equal(w->store.data, expected->data, expected->len);
}

static void fill(struct world *w)
{
    static char large[300000];
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (char)(i * 2654435761u >> 22);
    for (unsigned i = 1; i <= 50; i++)
        event(w, i, "something that happened");
    value(w, "a", 51, "one", 3);
    for (unsigned i = 0; i < 9; i++) {
        char key[10];
        snprintf(key, sizeof(key), "b%u", i);
        large[0] = (char)i;
        value(w, key, 52 + i, large, sizeof(large));
    }
    value(w, "c", 70, "", 0);
}

static void test_full(void **state)
{
    struct world *w = *state;
    fill(w);
    struct buffer before = copy(&w->store);
    if (create(w, BACKUP_AUTO))
        fail_msg("%s", w->text);
    assert_string_equal(w->facts.id, "20261121T120001Z-00000001");
    assert_string_equal(w->facts.parent, "");
    assert_int_equal(w->facts.position, 50);
    assert_int_equal(w->facts.records, 61);
    assert_int_equal(w->facts.written, 61);
    char id[BACKUP_ID_SIZE];
    memcpy(id, w->facts.id, sizeof(id));
    assert_int_equal(verify(w, id), ST_OK);
    forget(w);
    event(w, 1, "other");
    assert_int_equal(restore(w, id, true, NULL), ST_OK);
    assert_int_equal(w->result.records, 61);
    assert_string_equal(w->phases, "cd");
    assert_int_equal(list(w), ST_OK);
    assert_int_equal(w->count, 1);
    if (restore(w, id, false, NULL))
        fail_msg("%s", w->text);
    assert_int_equal(w->result.records, 61);
    assert_string_equal(w->phases, "csld");
    assert_store(w, &before);
    /* What was there before is a backup too, and comes back. */
    assert_int_equal(w->result.before.records, 1);
    assert_int_equal(w->result.before.importance, BACKUP_IMPORTANT);
    memcpy(id, w->result.before.id, sizeof(id));
    assert_int_equal(restore(w, id, false, NULL), ST_OK);
    struct buffer other = BUFFER_INIT;
    forget(w);
    event(w, 1, "other");
    other = copy(&w->store);
    assert_int_equal(restore(w, id, false, NULL), ST_OK);
    assert_store(w, &other);
    buffer_clear(&before);
    buffer_clear(&other);
}

static void test_incremental(void **state)
{
    struct world *w = *state;
    char first[BACKUP_ID_SIZE], second[BACKUP_ID_SIZE], third[BACKUP_ID_SIZE];
    assert_int_equal(create(w, BACKUP_INCREMENTAL), ST_UNSUPPORTED);
    assert_string_equal(w->text, "there is no backup that this one could add to: none, too old, or with "
                                 "another key; make a full one");
    fill(w);
    struct buffer one = copy(&w->store);
    assert_int_equal(create(w, BACKUP_AUTO), ST_OK);
    memcpy(first, w->facts.id, sizeof(first));
    uint64_t full_bytes = w->facts.bytes;
    /* One event more, one value changed, one gone, one in front of all. */
    forget(w);
    for (unsigned i = 1; i <= 50; i++)
        event(w, i, "something that happened");
    event(w, 51, "more");
    value(w, "_", 90, "front", 5);
    value(w, "a", 91, "two", 3);
    value(w, "c", 70, "", 0);
    struct buffer two = copy(&w->store);
    assert_int_equal(create(w, BACKUP_AUTO), ST_OK);
    memcpy(second, w->facts.id, sizeof(second));
    assert_string_equal(w->facts.parent, first);
    assert_int_equal(w->facts.written, 3);
    assert_int_equal(w->facts.records, 54);
    assert_true(w->facts.bytes < full_bytes / 10);
    event(w, 52, "even more");
    struct buffer three = copy(&w->store);
    assert_int_equal(create(w, BACKUP_INCREMENTAL), ST_OK);
    memcpy(third, w->facts.id, sizeof(third));
    assert_string_equal(w->facts.parent, second);
    assert_int_equal(w->facts.written, 1);
    assert_int_equal(restore(w, first, false, NULL), ST_OK);
    assert_store(w, &one);
    assert_int_equal(restore(w, second, false, NULL), ST_OK);
    assert_store(w, &two);
    assert_int_equal(restore(w, third, false, NULL), ST_OK);
    /* Events come first. */
    assert_int_equal(w->store.len, three.len);
    assert_int_equal(w->result.records, 55);
    /* A parent that is missing is named. */
    char path[200], expected[300];
    path_of(w, second, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(verify(w, third), ST_INVALID);
    snprintf(expected, sizeof(expected), "the backup %s adds to %s, which is not there; use another one",
             third, second);
    assert_string_equal(w->text, expected);
    buffer_clear(&one);
    buffer_clear(&two);
    buffer_clear(&three);
}

/* The store went back, or is another one: what would be added does not fit. */
static void test_another_way(void **state)
{
    struct world *w = *state;
    char text[200];
    event(w, 1, "a");
    event(w, 2, "b");
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    snprintf(text, sizeof(text), "the store has gone another way since the backup %s; make a full one",
             w->facts.id);
    forget(w);
    event(w, 1, "a");
    event(w, 2, "not b");
    event(w, 3, "c");
    assert_int_equal(create(w, BACKUP_INCREMENTAL), ST_UNSUPPORTED);
    assert_string_equal(w->text, text);
    assert_int_equal(create(w, BACKUP_AUTO), ST_OK);
    assert_string_equal(w->facts.parent, "");
    forget(w);
    event(w, 1, "a");
    assert_int_equal(create(w, BACKUP_INCREMENTAL), ST_UNSUPPORTED);
    assert_int_equal(create(w, BACKUP_AUTO), ST_OK);
    assert_string_equal(w->facts.parent, "");
    assert_int_equal(list(w), ST_OK);
    assert_int_equal(w->count, 3);
}

static void read_file(const char *path, struct buffer *out)
{
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((got = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(out, part, got);
    fclose(file);
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void small(struct world *w)
{
    event(w, 1, "first");
    event(w, 2, "second");
    value(w, "k", 3, "0123456789012345678901234567890123456789012345678901234567890123456789", 70);
}

static void refuses_damage(struct world *w)
{
    char id[BACKUP_ID_SIZE], path[200];
    struct buffer file = BUFFER_INIT;
    small(w);
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    memcpy(id, w->facts.id, sizeof(id));
    path_of(w, id, path);
    read_file(path, &file);
    forget(w);
    event(w, 9, "what is there now");
    struct buffer now = copy(&w->store);
    for (size_t i = 0; i < file.len; i++) {
        file.data[i] ^= (char)(1 << i % 8);
        write_file(path, file.data, file.len);
        assert_int_not_equal(verify(w, id), ST_OK);
        assert_int_not_equal(restore(w, id, false, NULL), ST_OK);
        assert_string_not_equal(w->text, "");
        assert_store(w, &now);
        file.data[i] ^= (char)(1 << i % 8);
    }
    for (size_t len = 0; len < file.len; len++) {
        write_file(path, file.data, len);
        assert_int_not_equal(restore(w, id, false, NULL), ST_OK);
        assert_store(w, &now);
    }
    buffer_add(&file, "x", 1);
    write_file(path, file.data, file.len);
    assert_int_not_equal(restore(w, id, false, NULL), ST_OK);
    write_file(path, file.data, file.len - 1);
    assert_int_equal(restore(w, id, false, NULL), ST_OK);
    buffer_clear(&file);
    buffer_clear(&now);
}

static void test_damage(void **state)
{
    refuses_damage(*state);
}

static void test_damage_encrypted(void **state)
{
    world_configure(*state, "main");
    refuses_damage(*state);
}

static void test_messages(void **state)
{
    struct world *w = *state;
    char id[BACKUP_ID_SIZE], path[200], expected[500];
    struct buffer file = BUFFER_INIT;
    small(w);
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    memcpy(id, w->facts.id, sizeof(id));
    path_of(w, id, path);
    read_file(path, &file);
    file.data[file.len / 2] ^= 1;
    write_file(path, file.data, file.len);
    assert_int_equal(verify(w, id), ST_INVALID);
    snprintf(expected, sizeof(expected),
             "%s: the backup is damaged: a part is not as it was written; use another one", id);
    assert_string_equal(w->text, expected);
    file.data[file.len / 2] ^= 1;
    file.data[8] = 2;
    write_file(path, file.data, file.len);
    assert_int_equal(verify(w, id), ST_UNSUPPORTED);
    snprintf(expected, sizeof(expected),
             "%s: the backup has format 2, and this hexmcp reads format 1; use the hexmcp that made it, or "
             "a newer one",
             id);
    assert_string_equal(w->text, expected);
    file.data[8] = 1;
    write_file(path, file.data, 300);
    assert_int_equal(verify(w, id), ST_INVALID);
    snprintf(expected, sizeof(expected),
             "%s: the backup is damaged: its end is cut off; use another one", id);
    assert_string_equal(w->text, expected);
    write_file(path, "PK", 2);
    assert_int_equal(verify(w, id), ST_INVALID);
    snprintf(expected, sizeof(expected), "%s: this is no backup of hexmcp: it is too short", id);
    assert_string_equal(w->text, expected);
    assert_int_equal(verify(w, "20261121T120001Z-00000009"), ST_NOT_FOUND);
    assert_string_equal(w->text, "there is no backup 20261121T120001Z-00000009; backup.list shows what "
                                 "there is");
    buffer_clear(&file);
}

static void test_keys(void **state)
{
    struct world *w = *state;
    char id[BACKUP_ID_SIZE], path[200], expected[300];
    struct buffer file = BUFFER_INIT;
    world_configure(w, "main");
    small(w);
    event(w, 3, "a secret that nobody reads");
    struct buffer before = copy(&w->store);
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    assert_string_equal(w->facts.key, "main");
    memcpy(id, w->facts.id, sizeof(id));
    path_of(w, id, path);
    read_file(path, &file);
    assert_null(memmem(file.data, file.len, "secret", 6));
    assert_int_equal(restore(w, id, false, NULL), ST_OK);
    assert_int_equal(w->store.len, before.len);
    w->key_byte = 2;
    assert_int_equal(restore(w, id, false, NULL), ST_DENIED);
    snprintf(expected, sizeof(expected),
             "%s: the key \"main\" does not open the backup %s; configure the key that sealed it", id,
             id);
    assert_string_equal(w->text, expected);
    world_configure(w, "lost");
    assert_int_equal(create(w, BACKUP_FULL), ST_NOT_FOUND);
    assert_string_equal(w->text, "there is no key \"lost\"");
    /* One that is not encrypted does not add to one that is. */
    w->key_byte = 1;
    world_configure(w, "");
    assert_int_equal(create(w, BACKUP_AUTO), ST_OK);
    assert_string_equal(w->facts.parent, "");
    buffer_clear(&file);
    buffer_clear(&before);
}

static void test_kinds(void **state)
{
    struct world *w = *state;
    char id[BACKUP_ID_SIZE];
    event(w, 1, "old");
    value(w, "k", 2, "old", 3);
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    memcpy(id, w->facts.id, sizeof(id));
    forget(w);
    event(w, 1, "new");
    value(w, "k", 2, "old", 3);
    struct buffer expected = copy(&w->store);
    forget(w);
    event(w, 1, "new");
    value(w, "k", 3, "new", 3);
    assert_int_equal(restore(w, id, false, "[\"value\"]"), ST_OK);
    assert_int_equal(w->store.len, expected.len);
    assert_non_null(memmem(w->store.data, w->store.len, "\"data\":\"new\"", 12));
    assert_non_null(memmem(w->store.data, w->store.len, "\"version\":2", 11));
    buffer_clear(&expected);
}

static void test_faults(void **state)
{
    struct world *w = *state;
    char id[BACKUP_ID_SIZE];
    small(w);
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    memcpy(id, w->facts.id, sizeof(id));
    struct buffer before = copy(&w->store);
    for (int after = 0; after < 4; after++) {
        w->fail_load = after;
        assert_int_equal(restore(w, id, false, NULL), ST_UNAVAILABLE);
        assert_string_equal(w->text, "the disk is full");
        assert_store(w, &before);
    }
    w->fail_load = -1;
    w->no_workers = true;
    w->told = 0;
    assert_int_equal(create(w, BACKUP_FULL), ST_BUSY);
    assert_string_equal(w->text, "all workers have work");
    assert_int_equal(restore(w, id, false, NULL), ST_BUSY);
    w->no_workers = false;
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    buffer_clear(&before);
}

static unsigned pairs;

/* A writer that appends pairs, of which one half may be in the dump that runs and never one alone. */
static void write_pair(struct world *w)
{
    if (++pairs > 400)
        return;
    event(w, 2 * pairs - 1, "left");
    event(w, 2 * pairs, "right");
}

static void test_under_load(void **state)
{
    struct world *w = *state;
    char id[BACKUP_ID_SIZE];
    pairs = 0;
    for (int i = 0; i < 200; i++)
        write_pair(w);
    w->meanwhile = write_pair;
    assert_int_equal(create(w, BACKUP_FULL), ST_OK);
    w->meanwhile = NULL;
    memcpy(id, w->facts.id, sizeof(id));
    assert_true(w->facts.position < 2 * pairs);
    assert_int_equal(restore(w, id, false, NULL), ST_OK);
    assert_int_equal(w->result.records % 2, 0);
    assert_int_equal(w->result.records, w->facts.position);
}

static void test_prune(void **state)
{
    struct world *w = *state;
    small(w);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(create(w, BACKUP_FULL), ST_OK);
        w->now_ms += 86400000;
    }
    assert_int_equal(prune(w, true), ST_OK);
    assert_int_equal(w->count, 5);
    assert_true(w->gone[0] && w->gone[1] && !w->gone[2] && !w->gone[3] && !w->gone[4]);
    assert_int_equal(list(w), ST_OK);
    assert_int_equal(w->count, 5);
    assert_int_equal(prune(w, false), ST_OK);
    assert_int_equal(list(w), ST_OK);
    assert_int_equal(w->count, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
    const struct CMUnitTest tests[] = {
        TEST(test_full),     TEST(test_incremental),      TEST(test_another_way), TEST(test_damage),
        TEST(test_damage_encrypted), TEST(test_messages), TEST(test_keys),        TEST(test_kinds),
        TEST(test_faults),   TEST(test_under_load),       TEST(test_prune),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
