#include "tests/plugins/tools/kit/fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/answer.h"
#include "kit/pace.h"
#include "kit/source.h"
#include "kit/target.h"

static int32_t read_source(struct fake *f, const char *json, struct source *source)
{
    struct args args = args_begin(hexmcp_str_from(json), &f->err);
    int32_t status = source_read(&f->r, &args, 5, 6, source);
    if (status == HEXMCP_OK && source->path)
        assert_string_equal(source->path, "f");
    if (status == HEXMCP_OK && !source->path)
        assert_memory_equal(source->data.ptr, "hello", source->data.len);
    args_end(&args);
    return status;
}

static void test_sources(void **state)
{
    struct fake *f = *state;
    struct source source;
    fake_write(f, "f", "abcdef");
    assert_int_equal(read_source(f, "{\"input\":\"hello\"}", &source), HEXMCP_OK);
    assert_int_equal(source.data.len, 5);
    source_free(&source);
    assert_int_equal(read_source(f, "{\"path\":\"f\"}", &source), HEXMCP_OK);
    assert_int_equal(source.data.len, 6);
    assert_memory_equal(source.data.ptr, "abcdef", 7);
    source_free(&source);
    fake_write(f, "f", "");
    assert_int_equal(read_source(f, "{\"path\":\"f\"}", &source), HEXMCP_OK);
    assert_int_equal(source.data.len, 0);
    assert_non_null(source.data.ptr);
    source_free(&source);
}

static void test_sources_that_are_none(void **state)
{
    struct fake *f = *state;
    struct source source;
    fake_write(f, "f", "abcdefg");
    failed_with(f, read_source(f, "{}", &source), HEXMCP_E_INVALID,
                "there is nothing to work on; give input (the data itself) or path (a file)");
    failed_with(f, read_source(f, "{\"input\":\"\",\"path\":\"f\"}", &source), HEXMCP_E_INVALID,
                "input and path are both given; give one of them");
    failed_with(f, read_source(f, "{\"input\":\"123456\"}", &source), HEXMCP_E_TOO_LARGE,
                "input has 6 bytes, but at most 5 are taken; shorten it, or put it in a file and give path");
    failed_with(f, read_source(f, "{\"path\":\"f\"}", &source), HEXMCP_E_TOO_LARGE,
                "f has more than 6 bytes, the most that is taken; give a smaller file");
    failed_with(f, read_source(f, "{\"path\":\"g\"}", &source), HEXMCP_E_NOT_FOUND,
                "g is not there");
    failed_with(f, read_source(f, "{\"path\":\".\"}", &source), HEXMCP_E_INVALID,
                ". is a folder; give the path of a file");
    f->no_files = true;
    failed_with(f, read_source(f, "{\"path\":\"f\"}", &source), HEXMCP_E_DENIED,
                "this server lets no tool read files; the operator allows a folder with --allow-read "
                "FOLDER");
    source_free(&source);
}

/* What came of a file in pieces. */
struct pieces {
    size_t lens[3];
    size_t count;
    char last;
};

static int32_t take_piece(void *arg, hexmcp_str piece)
{
    struct pieces *pieces = arg;
    if (pieces->count == 3)
        return HEXMCP_E_CANCELLED;
    pieces->lens[pieces->count++] = piece.len;
    if (piece.len > 0)
        pieces->last = piece.ptr[piece.len - 1];
    return HEXMCP_OK;
}

/* A file of `len` bytes, the last of which is x. */
static int32_t give_pieces(struct fake *f, size_t len, size_t most, struct pieces *pieces)
{
    int fd = open(fake_path(f, "f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    if (len > 0)
        assert_int_equal(pwrite(fd, "x", 1, (off_t)len - 1), 1);
    *pieces = (struct pieces){.count = 0};
    int32_t status = source_pieces(&f->r, fd, "f", most, take_piece, pieces);
    close(fd);
    return status;
}

static void test_pieces_are_full_but_the_last(void **state)
{
    struct fake *f = *state;
    struct pieces got;
    assert_int_equal(give_pieces(f, 0, 10, &got), HEXMCP_OK);
    assert_int_equal(got.count, 1);
    assert_int_equal(got.lens[0], 0);
    assert_int_equal(give_pieces(f, SOURCE_PIECE, SOURCE_PIECE, &got), HEXMCP_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.lens[0], SOURCE_PIECE);
    assert_int_equal(got.lens[1], 0);
    assert_int_equal(give_pieces(f, 2 * SOURCE_PIECE + 5, SIZE_MAX, &got), HEXMCP_OK);
    assert_int_equal(got.count, 3);
    assert_int_equal(got.lens[1], SOURCE_PIECE);
    assert_int_equal(got.lens[2], 5);
    assert_int_equal(got.last, 'x');
    assert_int_equal(give_pieces(f, 3 * SOURCE_PIECE, SIZE_MAX, &got), HEXMCP_E_CANCELLED);
    failed_with(f, give_pieces(f, SOURCE_PIECE + 1, SOURCE_PIECE, &got), HEXMCP_E_TOO_LARGE,
                "f has more than 196608 bytes, the most that is taken; give a smaller file");
    assert_int_equal(got.count, 0);
}

static void test_a_read_is_stopped(void **state)
{
    struct fake *f = *state;
    struct bytes bytes = {0};
    fake_write(f, "f", "abc");
    f->cancelled = true;
    failed_with(f, source_read_file(&f->r, "f", 10, &bytes), HEXMCP_E_CANCELLED,
                "stopped: the call was cancelled or its time was over");
    assert_null(bytes.ptr);
}

static void test_a_target_is_there_whole(void **state)
{
    struct fake *f = *state;
    struct target t;
    assert_int_equal(target_begin(&f->r, "new", false, &t), HEXMCP_OK);
    assert_false(t.there);
    assert_int_equal(target_write(&t, "half", 4), HEXMCP_OK);
    assert_int_equal(access(fake_path(f, "new"), F_OK), -1);
    assert_int_equal(target_commit(&t), HEXMCP_OK);
    fake_holds(f, "new", "half", 0644);
    assert_int_equal(fake_count(f), 1);
    assert_int_equal(target_begin(&f->r, "other", false, &t), HEXMCP_OK);
    target_drop(&t);
    target_drop(&t); /* twice is once */
    assert_int_equal(fake_count(f), 1);
    assert_int_equal(target_put(&f->r, "empty", false, (hexmcp_str){NULL, 0}), HEXMCP_OK);
    fake_holds(f, "empty", "", 0644);
}

static void test_a_target_that_exists(void **state)
{
    struct fake *f = *state;
    bool there = false;
    struct target t;
    fake_write(f, "old", "before");
    assert_int_equal(chmod(fake_path(f, "old"), 0600), 0);
    failed_with(f, target_put(&f->r, "old", false, hexmcp_str_from("x")), HEXMCP_E_INVALID,
                "old exists already; give overwrite true to replace it, or another path");
    fake_holds(f, "old", "before", 0600);
    assert_int_equal(target_check(&f->r, "old", true, &there), HEXMCP_OK);
    assert_true(there);
    assert_int_equal(target_check(&f->r, "new", false, &there), HEXMCP_OK);
    assert_false(there);
    assert_int_equal(target_put(&f->r, "old", true, hexmcp_str_from("after")), HEXMCP_OK);
    fake_holds(f, "old", "after", 0600);
    /* one that comes while the new one is written */
    assert_int_equal(target_begin(&f->r, "race", false, &t), HEXMCP_OK);
    fake_write(f, "race", "first");
    failed_with(f, target_commit(&t), HEXMCP_E_INVALID,
                "race exists already; give overwrite true to replace it, or another path");
    fake_holds(f, "race", "first", 0);
    assert_int_equal(fake_count(f), 2);
}

static void test_a_target_for_a_dry_run(void **state)
{
    struct fake *f = *state;
    struct target t;
    fake_write(f, "old", "before");
    assert_int_equal(target_rehearse(&f->r, "new", false, &t), HEXMCP_OK);
    assert_false(t.there);
    assert_int_equal(t.fd, -1);
    assert_int_equal(target_write(&t, "x", 1), HEXMCP_OK);
    assert_int_equal(target_commit(&t), HEXMCP_OK);
    assert_int_equal(target_rehearse(&f->r, "old", true, &t), HEXMCP_OK);
    assert_true(t.there);
    assert_int_equal(target_commit(&t), HEXMCP_OK);
    fake_holds(f, "old", "before", 0);
    failed_with(f, target_rehearse(&f->r, "old", false, &t), HEXMCP_E_INVALID,
                "old exists already; give overwrite true to replace it, or another path");
    assert_int_equal(fake_count(f), 1);
}

static void test_targets_that_are_none(void **state)
{
    struct fake *f = *state;
    bool there;
    assert_int_equal(mkdir(fake_path(f, "folder"), 0755), 0);
    assert_int_equal(symlink("/etc/passwd", fake_path(f, "link")), 0);
    assert_int_equal(mkfifo(fake_path(f, "pipe"), 0600), 0);
    failed_with(f, target_check(&f->r, "folder", true, &there), HEXMCP_E_INVALID,
                "folder is a folder; give the path of a file");
    failed_with(f, target_put(&f->r, "link", true, hexmcp_str_from("x")), HEXMCP_E_INVALID,
                "link is a symbolic link; give the path of a file");
    failed_with(f, target_put(&f->r, "pipe", true, hexmcp_str_from("x")), HEXMCP_E_INVALID,
                "pipe is a device or another special file; give the path of a file");
    failed_with(f, target_put(&f->r, "denied", true, hexmcp_str_from("x")), HEXMCP_E_DENIED,
                "not granted");
    assert_int_equal(fake_count(f), 3);
    f->no_files = true;
    failed_with(f, target_put(&f->r, "a", true, hexmcp_str_from("x")), HEXMCP_E_DENIED,
                "this server lets no tool write files; the operator allows a folder with --allow-write "
                "FOLDER");
}

static void test_answers(void **state)
{
    struct fake *f = *state;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, &f->r);
    hexmcp_json_put_int64(w, "n", 3);
    answer_text(&a, "It is %d.", 3);
    answer_link(&a, "file:///x", "x", NULL, 9);
    answer_image(&a, "\x01\x02\x03\x04", 4, "image/png");
    assert_int_equal(answer_end(&a), HEXMCP_OK);
    assert_int_equal(f->outcome, HEXMCP_RESULT);
    assert_string_equal(
        f->json, "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"n\\\":3}\",\"annotations\":{\"audience\":["
                 "\"assistant\"]}},{\"type\":\"text\",\"text\":\"It is 3.\",\"annotations\":{\"audience\":["
                 "\"user\"]}},{\"type\":\"resource_link\",\"uri\":\"file:///x\",\"name\":\"x\",\"size\":9},"
                 "{\"type\":\"image\",\"data\":\"AQIDBA==\",\"mimeType\":\"image/png\"}],"
                 "\"structuredContent\":{\"n\":3}}");
}

static void test_an_answer_that_cannot_be_written(void **state)
{
    struct fake *f = *state;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, &f->r);
    hexmcp_json_put_text(w, "n", "\xff");
    int32_t status = answer_end(&a);
    if (status == HEXMCP_OK)
        assert_string_equal(strstr(f->json, "\"structuredContent\""),
                            "\"structuredContent\":{\"n\":\"\xef\xbf\xbd\"}}");
    else
        assert_null(f->json);
    f->err.text[0] = '\0';
    answer_begin(&a, &f->r);
    answer_drop(&a);
}

static void test_pace(void **state)
{
    struct fake *f = *state;
    struct pace pace = pace_begin(&f->r);
    assert_int_equal(pace_step(&pace, 1, 10, NULL), HEXMCP_OK);
    assert_int_equal(f->progress, 0); /* not before 200 ms */
    pace.told_ns -= 300000000;
    assert_int_equal(pace_step(&pace, 2, 10, "working"), HEXMCP_OK);
    assert_int_equal(pace_step(&pace, 3, 10, "working"), HEXMCP_OK);
    assert_int_equal(f->progress, 1);
    assert_true(f->last_progress == 2);
    f->cancelled = true;
    assert_int_equal(pace_step(&pace, 4, 10, NULL), HEXMCP_E_CANCELLED);
    f->r.calls = NULL;
    assert_int_equal(pace_step(&pace, 4, 10, NULL), HEXMCP_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sources),
        TEST(test_sources_that_are_none),
        TEST(test_pieces_are_full_but_the_last),
        TEST(test_a_read_is_stopped),
        TEST(test_a_target_is_there_whole),
        TEST(test_a_target_that_exists),
        TEST(test_a_target_for_a_dry_run),
        TEST(test_targets_that_are_none),
        TEST(test_answers),
        TEST(test_an_answer_that_cannot_be_written),
        TEST(test_pace),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
