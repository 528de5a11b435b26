//! {{title}}: a plugin for hexmcp with one tool, count_words.
//!
//! plugin.json says what clients see: the tool's name, what it is for, which arguments it takes. The
//! host checks them against that before it calls, so here `text` is there and is a string.
mod hexmcp;

/// Runs on a worker thread, several calls at once. `args` is the JSON that the client sent; the answer
/// has the form of `outputSchema`.
fn count_words(_tool: &str, args: &str) -> Result<String, String> {
    let text = hexmcp::json_string(args, "text")
        // The text is for the model: say what to do next.
        .ok_or("count_words needs `text`, a string")?;
    Ok(format!(
        "{{\"lines\":{},\"words\":{},\"characters\":{}}}",
        text.lines().count(),
        text.split_ascii_whitespace().count(),
        text.chars().count()
    ))
}

// The id and the version stand in plugin.json, too, and must be equal.
hexmcp_plugin!("{{id}}", "0.1.0", count_words);
