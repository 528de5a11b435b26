/* Files that are not opened, and are as they were afterwards. */
#include "tests/plugins/storage/sqlite/opened.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static char path[300];

static int begin(void **state)
{
    (void)state;
    folder_make(folder);
    snprintf(path, sizeof(path), "%s/store.sqlite", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void write_file(const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static char *read_file(size_t *len)
{
    struct stat st;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &st), 0);
    char *bytes = malloc((size_t)st.st_size + 1);
    *len = fread(bytes, 1, (size_t)st.st_size, file);
    fclose(file);
    return bytes;
}

/* Makes a store with one event, closed as it should be. */
static void make_store(void)
{
    struct opened o;
    opened_start(&o, folder, "");
    assert_asked(&o, HEXMCP_FAKE_EVENTS_APPEND, "events", batch("a/1", "\"none\"", NULL, 1), NULL, NULL,
                 "{\"position\":1,\"versions\":{\"a/1\":1},\"repeated\":false}");
    opened_end(&o);
}

static void is_refused(const char *message)
{
    hexmcp_error err;
    size_t len, after;
    char *bytes = read_file(&len);
    assert_false(opened_try(textf("{\"url\":\"sqlite:%s\"}", path), &err));
    assert_string_equal(err.text, message);
    assert_int_equal(err.code, HEXMCP_E_UNAVAILABLE);
    char *same = read_file(&after);
    assert_int_equal(after, len);
    assert_memory_equal(same, bytes, len);
    free(bytes);
    free(same);
}

static void one_that_is_not_of_sqlite(void **state)
{
    char text[4096];
    (void)state;
    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text));
    is_refused(textf("%s is no store: it is not a file of SQLite; choose another path, or restore a "
                     "backup", path));
    write_file(text, 10);
    is_refused(textf("%s is no store: it is not a file of SQLite; choose another path, or restore a "
                     "backup", path));
}

static void one_of_another_program(void **state)
{
    (void)state;
    sql(folder, "CREATE TABLE mine(x)");
    is_refused(textf("%s is a file of another program; choose another path for the store", path));
}

static void one_that_is_newer(void **state)
{
    (void)state;
    make_store();
    sql(folder, "PRAGMA user_version=9");
    sql(folder, "PRAGMA wal_checkpoint(TRUNCATE)");
    is_refused(textf("the store %s has version 9, and this hexmcp knows up to 1; use a newer hexmcp, or "
                     "another file", path));
}

/* The version stands in the log alone: its writer was killed. */
static void one_of_which_only_the_log_is_newer(void **state)
{
    sqlite3 *db;
    (void)state;
    make_store();
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    assert_int_equal(sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0; PRAGMA user_version=9", NULL, NULL,
                                  NULL), SQLITE_OK);
    sqlite3_close(db);
    is_refused(textf("the store %s has version 9, and this hexmcp knows up to 1; use a newer hexmcp, or "
                     "another file", path));
    assert_int_equal(sql(folder, "PRAGMA user_version"), 9);
}

static void one_that_was_cut_off(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(truncate(path, 9000), 0);
    is_refused(textf("cannot use %s: the file is damaged; restore a backup, or move the file away to "
                     "begin anew", path));
}

static void one_whose_schema_is_damaged(void **state)
{
    size_t len;
    (void)state;
    make_store();
    char *bytes = read_file(&len);
    memset(bytes + 100, 0x5A, 3000);
    write_file(bytes, len);
    free(bytes);
    is_refused(textf("cannot use %s: the file is damaged; restore a backup, or move the file away to "
                     "begin anew", path));
}

static void one_without_its_tables(void **state)
{
    (void)state;
    make_store();
    sql(folder, "DROP TABLE parts");
    sql(folder, "PRAGMA wal_checkpoint(TRUNCATE)");
    is_refused(textf("the store %s is damaged: tables are missing; restore a backup, or move the file "
                     "away to begin anew", path));
}

static void refused(const char *config, int32_t code, const char *message)
{
    hexmcp_error err;
    assert_false(opened_try(config, &err));
    assert_string_equal(err.text, message);
    assert_int_equal(err.code, code);
}

static void what_is_no_file(void **state)
{
    (void)state;
    refused(textf("{\"url\":\"sqlite:%s\"}", folder), HEXMCP_E_CONFIG,
            textf("%s is not a file; choose another path for the store", folder));
    refused(textf("{\"url\":\"sqlite:%s/no/file\"}", folder), HEXMCP_E_UNAVAILABLE,
            textf("cannot make the store %s/no/file: No such file or directory; check its folder and the "
                  "disk", folder));
}

static void settings_that_are_wrong(void **state)
{
    (void)state;
    refused("{\"url\":\"sqlite:\"}", HEXMCP_E_CONFIG,
            "\"url\" names no file and there is no \"folder\"; set one of them");
    refused("{\"url\":\"sqlite:here\",\"folder\":\"/tmp\"}", HEXMCP_E_CONFIG,
            "\"url\" is \"sqlite:here\"; it must be \"sqlite:\" or \"sqlite:/PATH\"");
    refused("{\"url\":\"redis:\",\"folder\":\"/tmp\"}", HEXMCP_E_CONFIG,
            "\"url\" is \"redis:\"; it must be \"sqlite:\" or \"sqlite:/PATH\"");
    refused("{\"folder\":\"here\"}", HEXMCP_E_CONFIG, "\"folder\" must be the absolute path of a folder");
    refused(textf("{\"folder\":\"%s\",\"synchronous\":\"off\"}", folder), HEXMCP_E_CONFIG,
            "\"synchronous\" must be \"full\" or \"normal\"");
    refused(textf("{\"folder\":\"%s\",\"maxBatch\":0}", folder), HEXMCP_E_CONFIG,
            "\"maxBatch\" must be a whole number from 1 to 100000");
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_that_is_not_of_sqlite),
        T(one_of_another_program),
        T(one_that_is_newer),
        T(one_of_which_only_the_log_is_newer),
        T(one_that_was_cut_off),
        T(one_whose_schema_is_damaged),
        T(one_without_its_tables),
        T(what_is_no_file),
        T(settings_that_are_wrong),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
