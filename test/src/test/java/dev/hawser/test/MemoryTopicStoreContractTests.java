package dev.hawser.test;

import dev.hawser.topic.MemoryTopicStore;
import dev.hawser.topic.TopicStore;

class MemoryTopicStoreContractTests extends TopicStoreContract {

    @Override
    protected TopicStore create() {
        return new MemoryTopicStore(64 * 1024 * 1024);
    }
}
