#include "adapters/driving/cli/completion/line.h"

#include "adapters/driving/cli/commands.h"

static const struct option_spec *find_option(const struct command *command, struct str name)
{
    const struct option_spec *tables[] = {command->options, common_options};
    for (size_t i = 0; i < 2; i++)
        for (const struct option_spec *o = tables[i]; o && o->name; o++)
            if (str_eq(str_from(o->name), name))
                return o;
    return NULL;
}

/* Takes the words of the command; returns how many. */
static int take_command(char *const *words, int count, struct line *line)
{
    int used = 0;
    if (count > 0)
        line->inv.command = invocation_command(count, words, &used);
    if (line->inv.command)
        return used;
    line->first = count > 0 ? words[0] : NULL;
    return count;
}

static void give(struct invocation *inv, const char *name, const char *value)
{
    if (inv->given_count < MAX_GIVEN)
        inv->given[inv->given_count++] = (struct given){name, value};
}

/* Takes the option words[at], and its value if it is among the `count` words; returns how many
 * words it took. */
static int take_option(char *const *words, int count, int at, struct line *line)
{
    const char *text = words[at] + 2, *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    const struct option_spec *option = find_option(line->inv.command, (struct str){text, len});
    if (!option)
        return 1;
    if (!option->value || equals) {
        give(&line->inv, option->name, equals ? equals + 1 : "");
        return 1;
    }
    if (at + 1 < count)
        give(&line->inv, option->name, words[at + 1]);
    else
        line->option = option;
    return 2;
}

static void take_words(char *const *words, int count, int at, struct line *line)
{
    while (at < count) {
        char *word = words[at];
        if (!line->only_operands && strcmp(word, "--") == 0) {
            line->only_operands = true;
            at++;
        } else if (!line->only_operands && strncmp(word, "--", 2) == 0) {
            at += take_option(words, count, at, line);
        } else {
            if (line->inv.operand_count < MAX_OPERANDS)
                line->inv.operands[line->inv.operand_count++] = word;
            at++;
        }
    }
}

/* "--config=x": the value alone is at the cursor. */
static void split_option(struct line *line)
{
    struct str word = line->offers.typed;
    const char *equals = word.len ? memchr(word.ptr, '=', word.len) : NULL;
    if (line->option || line->only_operands || !equals || !str_starts(word, STR("--")))
        return;
    size_t len = (size_t)(equals - word.ptr);
    line->option = find_option(line->inv.command, (struct str){word.ptr + 2, len - 2});
    line->offers = offers_behind(&line->offers, len + 1);
}

void line_read(char *const *words, int count, struct line *line)
{
    *line = (struct line){.offers = {.typed = str_from(words[count - 1])}};
    int used = take_command(words, count - 1, line);
    if (!line->inv.command)
        return;
    take_words(words, count - 1, used, line);
    split_option(line);
}

bool line_operand(const struct line *line, struct str *name)
{
    static const char between[] = " [].|";
    const char *at = line->inv.command->operands;
    for (int left = line->inv.operand_count;; left--) {
        at += strspn(at, between);
        size_t len = strcspn(at, " ]");
        if (!len || left < 0)
            return false;
        /* "FOLDER..." stands for all that follow. */
        bool repeated = str_ends((struct str){at, len}, STR("..."));
        if (left == 0 || repeated) {
            *name = (struct str){at, repeated ? len - strlen("...") : len};
            return true;
        }
        /* "JSON | -" is one operand. */
        at += len;
        if (strncmp(at, " | ", 3) == 0)
            at += 3 + strcspn(at + 3, " ]");
    }
}
