/*
 * SPDX-License-Identifier: MIT
 */
#include "job.h"

#include <errno.h>
#include <unistd.h>

#include "kit/source.h"

#define PATH_MAX_BYTES 4096
#define FILE_MAX_BYTES ((size_t)50 * 1024 * 1024)

const char *const operation_names[] = {"encoding", "line_endings", "indentation", NULL};

static int read_from(struct args *args)
{
    const char *name = args_text(args, "from_encoding", 40, "detect");
    int found = encoding_find(name);
    if (found < 0 && strcmp(name, "detect") != 0)
        args_fail(args, HEXMCP_E_INVALID,
                  "from_encoding %s is not known; leave it out to have it detected, or give a name such as "
                  "utf-8, utf-16le, windows-1251, iso-8859-15, shift_jis, gb18030",
                  name);
    return found;
}

int32_t job_read(struct job *job, struct args *args)
{
    args_needed(args, "operation", 20);
    job->operation = (enum operation)args_choice(args, "operation", operation_names, 0);
    job->path = args_needed(args, "path", PATH_MAX_BYTES);
    job->target = args_text(args, "target_path", PATH_MAX_BYTES, NULL);
    job->from = read_from(args);
    /* The names of what is written come first. */
    const char *const written[] = {encoding_names[0], encoding_names[1], encoding_names[2],
                                   encoding_names[3], encoding_names[4], encoding_names[5], NULL};
    job->to = (enum encoding)args_choice(args, "to_encoding", written, ENCODING_UTF8);
    job->ending = (enum line_ending)args_choice(args, "line_ending", line_ending_names, LINE_LF);
    job->spaces = args_bool(args, "convert_to_spaces", true);
    job->tab_size = (unsigned)args_int(args, "tab_size", 1, 16, 4);
    job->mark = args_has(args, "byte_order_mark") ? args_bool(args, "byte_order_mark", false) : -1;
    job->lossy = args_bool(args, "lossy", false);
    job->backs_up = args_bool(args, "backup", true);
    job->overwrite = args_bool(args, "overwrite", false);
    job->dry_run = args_bool(args, "dry_run", false);
    return args_status(args);
}

static int32_t fail_memory(const struct job *job)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_NOMEM, "%.*s gets too large for the memory; split it",
                       SHOWN(job->path));
}

static int32_t fail_decode(const struct job *job, const struct misfit *misfit)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "%.*s is not %s: byte 0x%02x at offset %llu fits nothing (the encoding was %s); "
                       "give the right from_encoding, or lossy true to have U+FFFD in its place",
                       SHOWN(job->path), encoding_names[job->from], (unsigned)misfit->character,
                       (unsigned long long)misfit->at, detected_names[job->by]);
}

static int32_t fail_encode(const struct job *job, const struct misfit *misfit)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "%s lacks the character U+%04X (line %llu, column %llu of %.*s); take utf-8 as "
                       "to_encoding, or give lossy true to have ? in its place",
                       encoding_names[job->to], (unsigned)misfit->character,
                       (unsigned long long)misfit->line, (unsigned long long)misfit->column,
                       SHOWN(job->path));
}

static int32_t status_of(const struct job *job, enum outcome outcome)
{
    if (outcome == OUTCOME_STOPPED)
        return job->meter.status;
    if (outcome == OUTCOME_NO_MEMORY)
        return fail_memory(job);
    if (outcome == OUTCOME_TOO_LARGE)
        return hexmcp_fail(job->r->err, HEXMCP_E_TOO_LARGE,
                           "%.*s would have more than %zu bytes with %u spaces for each tab; give a "
                           "smaller tab_size",
                           SHOWN(job->path), LINES_BYTES_MAX, job->tab_size);
    if (outcome == OUTCOME_UNKNOWN)
        return hexmcp_fail(job->r->err, HEXMCP_E_UNSUPPORTED,
                           "this system cannot read %s; convert %.*s where it can",
                           encoding_names[job->from], SHOWN(job->path));
    return HEXMCP_OK;
}

static int32_t read_open(struct job *job, int fd)
{
    struct stat now;
    if (fstat(fd, &job->about) != 0)
        return hexmcp_fail(job->r->err, HEXMCP_E_GENERIC, "%.*s cannot be looked at: %s; try again",
                           SHOWN(job->path), strerror(errno));
    int32_t status = source_read_fd(job->r, fd, job->path, FILE_MAX_BYTES, &job->in);
    if (status != HEXMCP_OK)
        return status;
    bool same = fstat(fd, &now) == 0 && job_is_same(job, &now) &&
                (uint64_t)now.st_size == job->in.len;
    return same ? HEXMCP_OK : job_changed(job);
}

static int32_t read_file(struct job *job)
{
    int fd = -1;
    int32_t status = source_open(job->r, job->path, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = read_open(job, fd);
    close(fd);
    return status;
}

bool job_is_same(const struct job *job, const struct stat *now)
{
    const struct stat *then = &job->about;
    return now->st_ino == then->st_ino && now->st_dev == then->st_dev &&
           now->st_size == then->st_size && now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

int32_t job_changed(const struct job *job)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_BUSY,
                       "%.*s was changed by somebody else meanwhile, so it is left as it is; try again",
                       SHOWN(job->path));
}

static int32_t find_encoding(struct job *job)
{
    hexmcp_str text = {job->in.ptr ? job->in.ptr : "", job->in.len};
    job->by = DETECTED_GIVEN;
    if (job->from < 0)
        job->from = detect(text, &job->by);
    if (job->from >= 0)
        return HEXMCP_OK;
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "%.*s is no text that can be told: it is binary, or its encoding is not known; if "
                       "it is text, give from_encoding",
                       SHOWN(job->path));
}

/* The text as UTF-8 and whether it began with a mark. */
static int32_t decode(struct job *job, struct bytes *text, bool *marked)
{
    struct misfit misfit;
    hexmcp_str in = {job->in.ptr ? job->in.ptr : "", job->in.len}, mark = encoding_mark(job->from);
    *marked = mark.len > 0 && in.len >= mark.len && memcmp(in.ptr, mark.ptr, mark.len) == 0;
    if (*marked)
        in = (hexmcp_str){in.ptr + mark.len, in.len - mark.len};
    enum outcome outcome =
        encoding_decode(job->from, in, job->lossy, text, &job->replaced, &misfit, &job->meter);
    job->meter.before += (double)in.len;
    return outcome == OUTCOME_MISFIT ? fail_decode(job, &misfit) : status_of(job, outcome);
}

static bool wants_mark(const struct job *job, bool marked)
{
    bool is_utf16 = job->to == ENCODING_UTF16LE || job->to == ENCODING_UTF16BE;
    if (job->mark >= 0)
        return job->mark;
    if ((int)job->to == job->from)
        return marked;
    return is_utf16;
}

static int32_t encode(struct job *job, hexmcp_str text, bool marked)
{
    struct misfit misfit;
    hexmcp_str mark = encoding_mark((int)job->to);
    if (wants_mark(job, marked) && !bytes_add(&job->out, mark.ptr, mark.len))
        return fail_memory(job);
    enum outcome outcome =
        encoding_encode(job->to, text, job->lossy, &job->out, &job->replaced, &misfit, &job->meter);
    return outcome == OUTCOME_MISFIT ? fail_encode(job, &misfit) : status_of(job, outcome);
}

static int32_t convert_encoding(struct job *job)
{
    struct bytes text = {0};
    bool marked = false;
    int32_t status = decode(job, &text, &marked);
    if (status == HEXMCP_OK)
        status = encode(job, bytes_str(&text), marked);
    bytes_free(&text);
    job->was = encoding_names[job->from];
    job->is = encoding_names[job->to];
    return status;
}

static int32_t change_lines(struct job *job, hexmcp_str text, struct bytes *out)
{
    bool indents = job->operation == OPERATION_INDENTATION;
    job->was = indents ? lines_indentation_of(text) : lines_ending_of(text);
    job->is = indents ? (job->spaces ? "spaces" : "tabs") : line_ending_names[job->ending];
    enum outcome outcome = indents
                               ? lines_indent(text, job->spaces, job->tab_size, out, &job->meter)
                               : lines_end(text, job->ending, out, &job->meter);
    job->meter.before += (double)text.len;
    return status_of(job, outcome);
}

/* Two bytes for each character: the ends of lines are found in UTF-8, and all goes back. */
static int32_t change_wide_lines(struct job *job)
{
    struct bytes text = {0}, changed = {0};
    bool marked = false;
    job->to = (enum encoding)job->from;
    int32_t status = decode(job, &text, &marked);
    if (status == HEXMCP_OK)
        status = change_lines(job, bytes_str(&text), &changed);
    if (status == HEXMCP_OK)
        status = encode(job, bytes_str(&changed), marked);
    bytes_free(&text);
    bytes_free(&changed);
    return status;
}

static int32_t convert_lines(struct job *job)
{
    if (job->from == ENCODING_UTF16LE || job->from == ENCODING_UTF16BE)
        return change_wide_lines(job);
    if (strncmp(encoding_names[job->from], "utf-32", 6) == 0)
        return hexmcp_fail(job->r->err, HEXMCP_E_UNSUPPORTED,
                           "%.*s is %s; convert it to utf-8 first, by operation encoding",
                           SHOWN(job->path), encoding_names[job->from]);
    /* In all others ends of lines, tabs and blanks are what they are in ASCII. */
    return change_lines(job, (hexmcp_str){job->in.ptr ? job->in.ptr : "", job->in.len}, &job->out);
}

int32_t job_convert(struct job *job)
{
    int32_t status = read_file(job);
    if (status == HEXMCP_OK)
        status = find_encoding(job);
    if (status != HEXMCP_OK)
        return status;
    job->meter.pace = pace_begin(job->r);
    job->meter.before = (double)job->in.len; /* they were read */
    return job->operation == OPERATION_ENCODING ? convert_encoding(job) : convert_lines(job);
}

void job_clear(struct job *job)
{
    bytes_free(&job->in);
    bytes_free(&job->out);
}
