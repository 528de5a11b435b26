/* The tool `open-page`: elicitation by URL, for what must not pass through the client. Accepted
 * means that the user agreed to open the page, not that anything was done there. */
#include "everything.h"

static const char question[] = JSON(
    {"requests": {"page": {"method": "elicitation/create", "params": {
        "mode": "url",
        "message": "Please open the example page.",
        "url": "https://example.org/everything"
    }}}});

int32_t open_page_begin(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, question);
}

int32_t open_page_resume(const hexmcp_round *r)
{
    hexmcp_str content;
    int answer = hexmcp_round_answer(r, "page", &content);
    if (answer == HEXMCP_ANSWER_MISSING)
        return hexmcp_round_ask(r, question);
    if (answer != HEXMCP_ANSWER_ACCEPTED)
        return answer_refused(r, answer);
    return hexmcp_round_textf(r, "the user agreed to open the page");
}
