"""ERT's retrieval behind LangChain's retriever interface. Import lazily: it brings in langchain-core."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever


class ErtRetriever(BaseRetriever):
    """Gives the best `k` passages as LangChain documents, with their exact place in `metadata`."""

    retriever: Any
    k: int = 5

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(
                id=str(found.passage.id),
                page_content=found.passage.text,
                metadata={
                    "source": found.document_name,
                    "document_id": found.passage.document_id,
                    "page": found.passage.page,
                    "start": found.passage.start,
                    "end": found.passage.end,
                    "score": found.score,
                },
            )
            for found in self.retriever.search(query, self.k).passages
        ]
