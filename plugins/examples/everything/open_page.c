/* The tool `open-page`: elicitation by URL, for what must not pass through the client. Accepted
 * means that the user agreed to open the page, not that anything was done there. */
#include "ask.h"

static const char question[] = JSON(
    {"requests": {"page": {"method": "elicitation/create", "params": {
        "mode": "url",
        "message": "Please open the example page.",
        "url": "https://example.org/everything"
    }}}});

int32_t open_page_begin(const struct round *r)
{
    return ask(r, question);
}

int32_t open_page_resume(const struct round *r)
{
    hexmcp_str content;
    enum answer answer = answer_to(r, "page", &content);
    if (answer == ANSWER_MISSING)
        return ask(r, question);
    if (answer != ANSWER_ACCEPTED)
        return answer_refused(r, answer);
    return answer_text(r, "the user agreed to open the page");
}
