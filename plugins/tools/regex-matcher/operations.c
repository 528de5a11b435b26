/*
 * SPDX-License-Identifier: MIT
 */
#include "operations.h"
#include "regex.h"
#include "replace.h"
#include "text.h"

/* One run of an operation.
 *   texts  bytes of texts that the result holds so far */
struct run {
    const struct request *request;
    struct regex *regex;
    struct places places;
    hexmcp_json_writer *writer;
    size_t texts;
};

typedef int32_t run_fn(struct run *run, hexmcp_error *err);

static hexmcp_str part(const struct run *run, size_t start, size_t end)
{
    return (hexmcp_str){run->request->input.ptr + start, end - start};
}

static int32_t write_part(struct run *run, size_t start, size_t end, hexmcp_error *err)
{
    run->texts += end - start;
    if (run->texts > TEXT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the texts of the matches are larger than 10 MiB together; give a lower "
                           "limit, a shorter input or fewer groups");
    hexmcp_json_write_string(run->writer, part(run, start, end));
    return HEXMCP_OK;
}

/* The text of one pair of places, or null. */
static int32_t write_text(struct run *run, const PCRE2_SIZE *pair, hexmcp_error *err)
{
    if (pair[0] != PCRE2_UNSET)
        return write_part(run, pair[0], pair[1], err);
    hexmcp_json_write_null(run->writer);
    return HEXMCP_OK;
}

static int32_t put_places(struct run *run, const PCRE2_SIZE *pair, hexmcp_error *err)
{
    hexmcp_json_writer *w = run->writer;
    hexmcp_json_put_int64(w, "start", (int64_t)places_character(&run->places, pair[0]));
    hexmcp_json_put_int64(w, "end", (int64_t)places_character(&run->places, pair[1]));
    hexmcp_json_put_int64(w, "byte_start", (int64_t)pair[0]);
    hexmcp_json_put_int64(w, "byte_end", (int64_t)pair[1]);
    hexmcp_json_key(w, "text");
    return write_part(run, pair[0], pair[1], err);
}

/* The name `index`, with the group that it stands for: of several with one name, that which took
 * part. Moves *index behind the name. */
static uint32_t next_name(const struct regex *regex, const PCRE2_SIZE *places, uint32_t *index,
                          const char **name)
{
    uint32_t group = regex_name(regex, (*index)++, name);
    while (*index < regex->name_count) {
        const char *other;
        uint32_t next = regex_name(regex, *index, &other);
        if (strcmp(other, *name) != 0)
            break;
        if (places && places[2 * (size_t)group] == PCRE2_UNSET)
            group = next;
        ++*index;
    }
    return group;
}

static int32_t put_names(struct run *run, const PCRE2_SIZE *places, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    hexmcp_json_key(run->writer, "names");
    hexmcp_json_begin_object(run->writer);
    for (uint32_t i = 0; status == HEXMCP_OK && i < run->regex->name_count;) {
        const char *name;
        uint32_t group = next_name(run->regex, places, &i, &name);
        hexmcp_json_key(run->writer, name);
        status = write_text(run, places + 2 * (size_t)group, err);
    }
    hexmcp_json_end_object(run->writer);
    return status;
}

static int32_t write_match(struct run *run, const PCRE2_SIZE *places, hexmcp_error *err)
{
    hexmcp_json_begin_object(run->writer);
    int32_t status = put_places(run, places, err);
    hexmcp_json_key(run->writer, "groups");
    hexmcp_json_begin_array(run->writer);
    for (uint32_t i = 1; status == HEXMCP_OK && i <= run->regex->group_count; i++)
        status = write_text(run, places + 2 * (size_t)i, err);
    hexmcp_json_end_array(run->writer);
    if (status == HEXMCP_OK)
        status = put_names(run, places, err);
    hexmcp_json_end_object(run->writer);
    return status;
}

/* Writes up to `limit` matches. */
static int32_t put_matches(struct run *run, size_t limit, size_t *count, int *more,
                           hexmcp_error *err)
{
    struct regex_walk walk = {0};
    const PCRE2_SIZE *places;
    int32_t status = HEXMCP_OK;
    int found = 0;
    *count = 0;
    hexmcp_json_key(run->writer, "matches");
    hexmcp_json_begin_array(run->writer);
    while (status == HEXMCP_OK &&
           (found = regex_next(run->regex, run->request->input, &walk, &places, err)) > 0 &&
           *count < limit) {
        status = write_match(run, places, err);
        ++*count;
    }
    hexmcp_json_end_array(run->writer);
    *more = found > 0;
    return found < 0 ? found : status;
}

static int32_t find(struct run *run, hexmcp_error *err)
{
    size_t count;
    int more;
    int32_t status = put_matches(run, 1, &count, &more, err);
    hexmcp_json_put_bool(run->writer, "matched", count > 0);
    return status;
}

static int32_t find_all(struct run *run, hexmcp_error *err)
{
    size_t count;
    int more;
    int32_t status = put_matches(run, run->request->limit, &count, &more, err);
    hexmcp_json_put_bool(run->writer, "matched", count > 0);
    hexmcp_json_put_int64(run->writer, "match_count", (int64_t)count);
    hexmcp_json_put_bool(run->writer, "truncated", more);
    return status;
}

static int32_t is_match(struct run *run, hexmcp_error *err)
{
    struct regex_walk walk = {0};
    const PCRE2_SIZE *places;
    int found = regex_next(run->regex, run->request->input, &walk, &places, err);
    hexmcp_json_put_bool(run->writer, "matched", found > 0);
    return found < 0 ? found : HEXMCP_OK;
}

static const char *name_of(const struct regex *regex, uint32_t group)
{
    const char *name;
    for (uint32_t i = 0; i < regex->name_count; i++) {
        if (regex_name(regex, i, &name) == group)
            return name;
    }
    return NULL;
}

static int32_t write_capture(struct run *run, const PCRE2_SIZE *places, uint32_t group,
                             hexmcp_error *err)
{
    const PCRE2_SIZE *pair = places + 2 * (size_t)group;
    const char *name = name_of(run->regex, group);
    int32_t status = HEXMCP_OK;
    hexmcp_json_begin_object(run->writer);
    hexmcp_json_put_int64(run->writer, "group", group);
    if (name)
        hexmcp_json_put_text(run->writer, "name", name);
    hexmcp_json_put_bool(run->writer, "matched", pair[0] != PCRE2_UNSET);
    if (pair[0] != PCRE2_UNSET)
        status = put_places(run, pair, err);
    hexmcp_json_end_object(run->writer);
    return status;
}

static int32_t captures(struct run *run, hexmcp_error *err)
{
    struct regex_walk walk = {0};
    const PCRE2_SIZE *places;
    int32_t status = HEXMCP_OK;
    int found = regex_next(run->regex, run->request->input, &walk, &places, err);
    if (found < 0)
        return found;
    hexmcp_json_put_bool(run->writer, "matched", found);
    hexmcp_json_key(run->writer, "captures");
    hexmcp_json_begin_array(run->writer);
    for (uint32_t i = 0; found && status == HEXMCP_OK && i <= run->regex->group_count; i++)
        status = write_capture(run, places, i, err);
    hexmcp_json_end_array(run->writer);
    return status;
}

static int32_t replace(struct run *run, hexmcp_error *err)
{
    struct replaced replaced;
    if (!run->request->replacement.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "replace needs replacement; give \"\" to delete the matches");
    int32_t status = replace_all(run->regex, run->request, &replaced, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_string(run->writer, "result", (hexmcp_str){replaced.text, replaced.len});
    hexmcp_json_put_int64(run->writer, "replacement_count", (int64_t)replaced.count);
    hexmcp_json_put_bool(run->writer, "truncated", replaced.more);
    free(replaced.text);
    return HEXMCP_OK;
}

/* Empty matches where a part begins, and at the end of the text, split nothing off. */
static int splits(const PCRE2_SIZE *places, size_t begin, size_t len)
{
    return places[0] != places[1] || (places[0] != begin && places[0] != len);
}

static int32_t split(struct run *run, hexmcp_error *err)
{
    struct regex_walk walk = {0};
    const PCRE2_SIZE *places;
    hexmcp_str input = run->request->input;
    size_t begin = 0, count = 1;
    int32_t status = HEXMCP_OK;
    int found, more = 0;
    hexmcp_json_key(run->writer, "parts");
    hexmcp_json_begin_array(run->writer);
    while (status == HEXMCP_OK && !more &&
           (found = regex_next(run->regex, input, &walk, &places, err)) != 0) {
        if (found < 0)
            return found;
        if (!splits(places, begin, input.len))
            continue;
        more = count == run->request->limit;
        if (more)
            break;
        status = write_part(run, begin, places[0], err);
        begin = places[1];
        count++;
    }
    if (status == HEXMCP_OK)
        status = write_part(run, begin, input.len, err);
    hexmcp_json_end_array(run->writer);
    hexmcp_json_put_int64(run->writer, "part_count", (int64_t)count);
    hexmcp_json_put_bool(run->writer, "truncated", more);
    return status;
}

static const struct {
    const char *name;
    run_fn *run;
} operations[] = {
    {"is_match", is_match}, {"find", find},   {"find_all", find_all}, {"captures", captures},
    {"replace", replace},   {"split", split}, {"validate", NULL},
};

#define COUNT (sizeof(operations) / sizeof(operations[0]))

static size_t find_operation(struct args *args)
{
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        names[i] = operations[i].name;
    return args_choice(args, "operation", names, 0);
}

static void put_fault(const struct request *request, const struct regex_fault *fault,
                      hexmcp_json_writer *w)
{
    hexmcp_json_put_bool(w, "valid", 0);
    hexmcp_json_put_text(w, "error", fault->text);
    hexmcp_json_put_int64(w, "error_position",
                          (int64_t)text_characters(request->pattern, fault->offset));
}

static void put_facts(const struct regex *regex, hexmcp_json_writer *w)
{
    hexmcp_json_put_bool(w, "valid", 1);
    hexmcp_json_put_int64(w, "group_count", regex->group_count);
    hexmcp_json_key(w, "group_names");
    hexmcp_json_begin_array(w);
    for (uint32_t i = 0; i < regex->name_count;) {
        const char *name;
        next_name(regex, NULL, &i, &name);
        hexmcp_json_write_text(w, name);
    }
    hexmcp_json_end_array(w);
}

static int32_t run_on_input(size_t operation, const struct request *request, struct regex *regex,
                            hexmcp_json_writer *writer, hexmcp_error *err)
{
    struct run run = {.request = request, .regex = regex, .writer = writer};
    if (!request->input.ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "%s needs input: the text to search; only validate does without",
                           operations[operation].name);
    if (places_init(&run.places, request->input) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the input; try again");
    int32_t status = operations[operation].run(&run, err);
    places_clear(&run.places);
    return status;
}

static int32_t run_regex(size_t operation, const struct request *request, hexmcp_json_writer *writer,
                         hexmcp_error *err)
{
    struct regex regex;
    struct regex_fault fault;
    run_fn *function = operations[operation].run;
    int32_t status = regex_init(&regex, request->pattern, request->options, &fault, err);
    if (status == HEXMCP_E_INVALID && !function) {
        put_fault(request, &fault, writer);
        return HEXMCP_OK;
    }
    if (status == HEXMCP_E_INVALID)
        return hexmcp_fail(err, status,
                           "pattern is wrong at character %zu: %s; correct it, \\ before a special "
                           "character makes it literal",
                           text_characters(request->pattern, fault.offset), fault.text);
    if (status != HEXMCP_OK)
        return status;
    if (function)
        status = run_on_input(operation, request, &regex, writer, err);
    else
        put_facts(&regex, writer);
    regex_clear(&regex);
    return status;
}

int32_t operations_run(struct request *request, hexmcp_json_writer *writer, hexmcp_error *err)
{
    size_t operation = find_operation(&request->args);
    if (args_status(&request->args) != HEXMCP_OK)
        return args_status(&request->args);
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", operations[operation].name);
    int32_t status = run_regex(operation, request, writer, err);
    hexmcp_json_end_object(writer);
    return status;
}
