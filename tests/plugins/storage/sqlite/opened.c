#include "tests/plugins/storage/sqlite/opened.h"

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

#define KEPT 8

const char *textf(const char *format, ...)
{
    static char *kept[KEPT];
    static unsigned next;
    va_list args;
    char **slot = &kept[next++ % KEPT];
    free(*slot);
    va_start(args, format);
    if (vasprintf(slot, format, args) < 0)
        abort();
    va_end(args);
    return *slot;
}

void folder_make(char path[256])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(path, 256, "%s/hexmcp-sqlite-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool start(struct opened *o, const char *config, hexmcp_error *err)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    hexmcp_fake_limit(fake, 60000);
    hexmcp_fake_stream_begin(&o->stream, fake);
    const char *path = TEST_PLUGINS_DIR "/hexmcp.storage-sqlite";
    return hexmcp_fake_create_from(&o->p, fake, path, err) == HEXMCP_OK &&
           hexmcp_fake_init(&o->p, config, err) == HEXMCP_OK &&
           hexmcp_fake_start(&o->p, err) == HEXMCP_OK;
}

void opened_end(struct opened *o)
{
    hexmcp_fake_destroy(&o->p);
    hexmcp_fake_stream_end(&o->stream);
    hexmcp_fake_free(o->p.fake);
}

void opened_start(struct opened *o, const char *folder, const char *settings)
{
    hexmcp_error err;
    const char *config = textf("{\"url\":\"sqlite:\",\"folder\":\"%s\"%s}", folder, settings);
    if (!start(o, config, &err))
        fail_msg("%s", err.text);
}

bool opened_try(const char *config, hexmcp_error *err)
{
    struct opened o;
    bool good = start(&o, config, err);
    opened_end(&o);
    return good;
}

hexmcp_fake_asked *begun(struct opened *o, uint32_t kind, const char *a, const char *b, const char *c,
                         const char *d)
{
    const hexmcp_str texts[] = {hexmcp_str_from(a), hexmcp_str_from(b), hexmcp_str_from(c),
                                hexmcp_str_from(d)};
    return hexmcp_fake_begin_draft(&o->p, kind, texts, 4);
}

const char *ended(hexmcp_fake_asked *call)
{
    hexmcp_fake_answer a;
    const char *text;
    hexmcp_fake_end(call, &a);
    if (a.status < HEXMCP_OK)
        text = textf("%d %s", (int)a.status, a.error.text);
    else if (a.outcome == HEXMCP_CANCELLED)
        text = "cancelled";
    else
        text = textf("%s", a.json);
    hexmcp_fake_answer_free(&a);
    return text;
}

const char *asked(struct opened *o, uint32_t kind, const char *a, const char *b, const char *c,
                  const char *d)
{
    return ended(begun(o, kind, a, b, c, d));
}

const char *batch(const char *name, const char *expected, const char *key, int number)
{
    return textf("{%s%s%s\"streams\":[{\"stream\":\"%s\",\"expected\":%s,\"events\":[{\"id\":\"id-%d\","
                 "\"type\":\"Counted\",\"schema\":1,\"at\":\"2026-01-31T12:00:00.%03dZ\","
                 "\"correlation\":\"c\",\"caller\":\"p\",\"tenant\":\"t\",\"data\":{\"n\":%d}}]}]}",
                 key ? "\"key\":\"" : "", key ? key : "", key ? "\"," : "", name, expected, number,
                 number % 1000, number);
}

int64_t sql(const char *folder, const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    int64_t number = 0;
    assert_int_equal(sqlite3_open(textf("%s/store.sqlite", folder), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    if (sqlite3_step(s) == SQLITE_ROW)
        number = sqlite3_column_int64(s, 0);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    sqlite3_close(db);
    return number;
}

struct sqlite3 *file_hold(const char *folder)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(textf("%s/store.sqlite", folder), &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

void file_release(struct sqlite3 *held)
{
    sqlite3_exec(held, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(held);
}
