"""May we? Rules as data with their citations, and one pure evaluator that reads them."""
