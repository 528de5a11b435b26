/* hexmcp-plugin-validator: `hexmcp plugin validate` starts it. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/regex/regex.h"
#include "adapters/driving/cli/plugin_checks.h"
#include "adapters/driving/validator/child.h"
#include "adapters/driving/validator/places.h"
#include "adapters/driving/validator/report.h"
#include "adapters/driving/validator/server.h"
#include "adapters/driving/validator/validator.h"
#include "core/base/nearest.h"

/* After so many crashes the checks that are left would only crash, too. */
#define CRASHES_ENOUGH 4

struct validation {
    struct options options;
    struct subject subject;
    struct report report;
    struct validator_places places;
    struct plugin_checker checker;
    struct plugin_checks rules;
    struct regex_module *regex;
    struct crypto_module *crypto;
    char scratch[64];
};

static void print(struct validation *v, struct buffer *out)
{
    (void)v;
    fwrite(out->data, 1, out->len, stdout);
    fflush(stdout);
    buffer_clear(out);
}

/* ---- the folder that a check may write to --------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    if (place->level == 0)
        return 0;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

/* Also the home that a server of the check has had beside it. */
static void empty_scratch(const struct validation *v)
{
    char home[SERVER_HOME_SIZE];
    server_home(v->scratch, home);
    nftw(v->scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    nftw(home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    rmdir(home);
}

static int make_scratch(struct validation *v, struct error *err)
{
    snprintf(v->scratch, sizeof(v->scratch), "/tmp/hexmcp-validate-XXXXXX");
    if (!mkdtemp(v->scratch))
        return error_set(err, ST_GENERIC, "no folder in /tmp for the checks: %s", strerror(errno));
    return ST_OK;
}

/* ---- one check ------------------------------------------------------------------------------ */

static const struct outcome *outcome_of(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->outcomes[i].check->name, name) == 0)
            return &report->outcomes[i];
    return NULL;
}

static bool went_wrong(const struct report *report, const char *name)
{
    const struct outcome *o = outcome_of(report, name);
    return o && (o->verdict == VERDICT_FAIL || o->verdict == VERDICT_CRASH);
}

/* Why the check cannot be made; NULL if it can. */
static const char *obstacle(const struct validation *v, const struct check *check)
{
    const struct subject *s = &v->subject;
    unsigned needs = check->needs;
    if ((needs & NEEDS_MANIFEST) && !s->manifest_read)
        return "plugin.json cannot be read (check manifest)";
    if ((needs & NEEDS_IMAGE) &&
        (s->binary_fd < 0 || (!s->facts_read && s->facts_why == REFUSED_ELF)))
        return "plugin.so cannot be read (check elf)";
    if ((needs & NEEDS_CODE) && !(s->manifest_read && s->facts_read))
        return "the host would not load it (checks manifest, elf, info)";
    if ((needs & NEEDS_CODE) &&
        (went_wrong(&v->report, "info") || went_wrong(&v->report, "agreement")))
        return "the host would not load it (checks info, agreement)";
    if ((needs & NEEDS_CREATE) &&
        (went_wrong(&v->report, "load") || went_wrong(&v->report, "create")))
        return "it cannot be loaded and created (checks load, create)";
    if ((needs & (NEEDS_CODE | NEEDS_SERVER)) &&
        report_count(&v->report, VERDICT_CRASH) >= CRASHES_ENOUGH)
        return "four checks have crashed; mend those first, or ask for this one by --only";
    return NULL;
}

static enum verdict verdict_of(const struct board *board)
{
    if (atomic_load(&board->worst) == FINDING_CRASH)
        return VERDICT_CRASH;
    if (atomic_load(&board->worst) == FINDING_FAILURE)
        return VERDICT_FAIL;
    if (atomic_load(&board->skipped))
        return VERDICT_SKIP;
    return atomic_load(&board->worst) == FINDING_WARNING ? VERDICT_WARN : VERDICT_PASS;
}

static int run_trial(struct validation *v, struct trial *t, struct error *err)
{
    const char *reason = obstacle(v, t->check);
    if (reason) {
        trial_skip(t, "%s", reason);
        return ST_OK;
    }
    bool child = (t->check->needs & (NEEDS_CODE | NEEDS_CHILD | NEEDS_SERVER)) != 0;
    if (child && !v->options.in_process)
        return child_run(t, err);
    t->check->run(t);
    return ST_OK;
}

static int run_check(struct validation *v, const struct check *check, struct error *err)
{
    struct trial t = {.check = check,
                      .subject = &v->subject,
                      .options = &v->options,
                      .rules = &v->rules,
                      .crypto = crypto_module_port(v->crypto),
                      .program_folder = v->places.folder,
                      .program = v->places.program,
                      .scratch = v->scratch};
    struct buffer out = BUFFER_INIT;
    t.seed = v->options.seed * 1000003u + (uint64_t)check->number;
    t.board = board_new();
    if (!t.board)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = run_trial(v, &t, err);
    empty_scratch(v);
    struct outcome *outcome = &v->report.outcomes[v->report.count++];
    *outcome = (struct outcome){check, verdict_of(t.board), t.board};
    if (!rc && v->options.format == FORMAT_TEXT) {
        report_line(outcome, &out);
        print(v, &out);
    }
    return rc;
}

static int run_all(struct validation *v, struct error *err)
{
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < check_count; i++)
        if (options_choose(&v->options, checks[i].name, checks[i].number, checks[i].level))
            rc = run_check(v, &checks[i], err);
    return rc;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int check_name_list(const char *const *names, struct error *err)
{
    char number[16];
    for (; *names; names++) {
        struct nearest near = {.word = str_from(*names)};
        bool known = false;
        for (size_t i = 0; i < check_count; i++) {
            snprintf(number, sizeof(number), "%d", checks[i].number);
            known = known || strcmp(*names, checks[i].name) == 0 || strcmp(*names, number) == 0;
            nearest_offer(&near, str_from(checks[i].name));
        }
        if (!known && near.best.len)
            return error_set(err, ST_INVALID, "there is no check \"%s\"; did you mean \"%.*s\"?",
                             *names, STR_ARG(near.best));
        if (!known)
            return error_set(err, ST_INVALID, "there is no check \"%s\"; --list lists all", *names);
    }
    return ST_OK;
}

static int open_validation(struct validation *v, struct error *err)
{
    int rc = check_name_list(v->options.only, err);
    if (!rc)
        rc = check_name_list(v->options.skip, err);
    if (!rc)
        rc = subject_open(v->options.path, v->options.binary, &v->subject, err);
    if (!rc)
        rc = regex_module_new(v->places.modules, &v->regex, err);
    if (!rc)
        rc = crypto_module_new(v->places.modules, &v->crypto, err);
    if (!rc)
        rc = make_scratch(v, err);
    v->checker = (struct plugin_checker){.regex = regex_module_port(v->regex)};
    v->rules = plugin_checker_functions(&v->checker);
    v->report.subject = &v->subject;
    v->report.options = &v->options;
    return rc;
}

static int write_file(const char *path, const struct buffer *text, struct error *err)
{
    FILE *file = fopen(path, "we");
    bool written = file && fwrite(text->data, 1, text->len, file) == text->len;
    if ((file && fclose(file) != 0) || !written)
        return error_set(err, ST_GENERIC, "%s: %s", path, strerror(errno));
    return ST_OK;
}

static int print_end(struct validation *v, struct error *err)
{
    struct buffer out = BUFFER_INIT, sarif = BUFFER_INIT;
    int rc = ST_OK;
    if (v->options.sarif_file) {
        report_sarif(&v->report, &sarif);
        rc = write_file(v->options.sarif_file, &sarif, err);
    }
    if (v->options.format == FORMAT_TEXT)
        report_summary(&v->report, &out);
    else if (v->options.format == FORMAT_JSON)
        report_json(&v->report, &out);
    else
        report_sarif(&v->report, &out);
    print(v, &out);
    buffer_clear(&sarif);
    return rc;
}

static int validate(struct validation *v)
{
    struct error err;
    int rc = open_validation(v, &err);
    if (rc) {
        fprintf(stderr, "hexmcp: %s\n", err.text);
        return VALIDATOR_USAGE;
    }
    rc = run_all(v, &err);
    if (!rc)
        rc = print_end(v, &err);
    empty_scratch(v);
    rmdir(v->scratch);
    if (!rc)
        return (int)report_exit(&v->report);
    fprintf(stderr, "hexmcp: %s\n", err.text);
    return VALIDATOR_USAGE;
}

int main(int argc, char **argv)
{
    static struct validation v;
    struct error err;
    struct buffer out = BUFFER_INIT;
    if (options_parse(argc, argv, &v.options, &err) || validator_places(&v.places, &err)) {
        fprintf(stderr, "hexmcp: %s\n", err.text);
        return VALIDATOR_USAGE;
    }
    if (v.options.help)
        buffer_add_str(&out, str_from(options_help));
    else if (v.options.list)
        report_table(&out);
    else
        return validate(&v);
    print(&v, &out);
    return VALIDATOR_PASSED;
}
