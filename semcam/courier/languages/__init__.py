"""One file a language; each says every kind and stage of event in a sentence."""
